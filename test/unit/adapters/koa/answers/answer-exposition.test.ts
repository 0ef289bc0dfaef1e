import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { answerExposition } from '../../../../../src/adapters/koa/answers/answer-exposition.ts';
import { delay } from '../../../../support/fakes.ts';
import { listen, type WebServer } from '../../../../support/web-client.ts';
import { until } from '../../../../support/until.ts';
import { FakeMerged } from '../router-parts.ts';

const LARGE = Array.from({ length: 32 }, () => Buffer.alloc(1 << 20, 'a'));

function serving(merged: FakeMerged, stallLimitMs: number): Promise<WebServer> {
  const app = new Koa().use((ctx) => answerExposition(ctx, merged, stallLimitMs));
  app.silent = true;
  const handle = app.callback();
  return listen((req, res) => void handle(req, res));
}

describe('a client that reads slowly', () => {
  it('is cut off when it reads nothing, and its answer is released', async () => {
    const merged = new FakeMerged(LARGE);
    await using web = await serving(merged, 100);
    const socket = connect(web.port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(web.server, 'request');
    await until(() => merged.released > 0, 'its answer is held');
    expect(merged.released).toBe(1);
    socket.destroy();
  });

  it('gets everything if it keeps reading, however long that takes', async () => {
    const merged = new FakeMerged(LARGE);
    await using web = await serving(merged, 1000);
    const socket = connect(web.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const startedMs = performance.now();
    let received = 0;
    let pauses = 0;
    for await (const chunk of socket) {
      received += (chunk as Buffer).byteLength;
      if (received > (pauses + 1) * 3e6) {
        pauses++;
        await delay(130);
      }
    }
    expect(performance.now() - startedMs).toBeGreaterThan(1000);
    expect(received).toBeGreaterThan(merged.byteLength);
    expect(merged.released).toBe(1);
  });
});

it('gzips a large answer without copies of it that wait for the garbage collector', async () => {
  const merged = new FakeMerged(LARGE);
  await using web = await serving(merged, 1000);
  const socket = connect(web.port, '127.0.0.1');
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)), 1);
  socket.write('GET / HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n');
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk as Buffer);
  clearInterval(timer);
  const answer = Buffer.concat(received);
  const body = gunzipSync(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
  expect(body.equals(Buffer.concat(LARGE))).toBe(true);
  expect(peak).toBeLessThan(LARGE.length * (1 << 20) * 0.25);
});
