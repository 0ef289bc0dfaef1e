// Stands for a platform service that embeds the exporter. Says on standard output, as JSON, what importing the library did and what a
// scrape answered; ends by itself when it has closed its server and stopped the exporter.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';

const SOURCE = new URL('../../../src/', import.meta.url).href;

/** Names of variables that the exporter's own code asked for. */
const read = new Set<string>();
process.env = new Proxy(process.env, {
  get: (env, name: string) => {
    const [, , caller = ''] = new Error().stack?.split('\n') ?? [];
    if (caller.includes(SOURCE)) read.add(name);
    return env[name];
  },
});
// The standard streams are opened when they are first asked for.
const streams = [process.stdout, process.stderr];
const resourcesBefore = process.getActiveResourcesInfo();
const listenersBefore = process.eventNames();

const { bodyOf, createExporter, targetsOf } = await import('../../../src/index.ts');

const imported = {
  listeners: process.eventNames().filter((name) => !listenersBefore.includes(name)),
  resources: process.getActiveResourcesInfo().slice(resourcesBefore.length),
};

const targets = targetsOf([{ targets: ['10.0.0.1:9100'], labels: { container_name: 'checkout' } }]);
const exporter = createExporter({
  discovery: { discover: () => Promise.resolve(targets) },
  fetcher: {
    fetch: () =>
      Promise.resolve({ ok: true, body: bodyOf('orders_total 3\n'), contentType: 'text/plain', via: 'http' }),
  },
  logLevel: 'debug',
});

const app = new Koa();
app.use(exporter.router.prefix('/internal').routes());
const answer = app.callback();
const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const response = await fetch(`http://127.0.0.1:${port}/internal/metrics`);
const text = await response.text();
server.close();
await exporter.stop();

streams[0]?.write(JSON.stringify({ imported, read: [...read], status: response.status, text }));
