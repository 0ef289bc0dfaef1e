import { parentPort } from 'node:worker_threads';

import { compareSync } from 'bcryptjs';

export interface ComparisonRequest {
  readonly password: string;
  readonly hash: string;
}

parentPort?.on('message', ({ password, hash }: ComparisonRequest) => {
  parentPort?.postMessage(compareSync(password, hash));
});
