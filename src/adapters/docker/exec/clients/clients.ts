import { curlClient } from './curl-client.ts';
import type { ClientName, ExecClient } from './exec-client.ts';
import { wgetClient } from './wget-client.ts';

/** All clients that we know how to use. */
export const CLIENTS: Readonly<Record<ClientName, ExecClient>> = {
  curl: curlClient,
  gnu: wgetClient('gnu'),
  busybox: wgetClient('busybox'),
};

export const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientName[];
