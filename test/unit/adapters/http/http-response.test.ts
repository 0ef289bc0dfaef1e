import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { HttpResponse } from '../../../../src/adapters/http/http-response.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';

const MEBIBYTE = 2 ** 20;

it('asks for a pause while decompression lags behind, and tells when to read on', async () => {
  const drained = Promise.withResolvers<undefined>();
  const response = new HttpResponse({
    sink: new CountingBodyStore().open(MEBIBYTE),
    maxBodyBytes: MEBIBYTE,
    onDrain: () => drained.resolve(undefined),
  });
  const gzip = gzipSync(randomBytes(MEBIBYTE));
  response.push(
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${gzip.length}\r\n\r\n`),
  );
  expect(response.push(gzip.subarray(0, 65_536))).toBe(false);
  await drained.promise;
  response.push(gzip.subarray(65_536));
  const outcome = await response.outcome;
  expect(outcome).toMatchObject({ ok: true, body: { byteLength: MEBIBYTE } });
  expect(response.allowsReuse).toBe(true);
});

describe('a gzip body', () => {
  const zeros = Buffer.alloc(64);
  const outcomeOf = async (parts: readonly Buffer[], isSplit: boolean): Promise<unknown> => {
    const response = new HttpResponse({
      sink: new CountingBodyStore().open(100),
      maxBodyBytes: 100,
      onDrain: () => undefined,
    });
    const body = Buffer.concat(parts);
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    response.push(Buffer.from(head));
    for (const part of isSplit ? parts : [body]) {
      response.push(part);
      await sleep(20);
    }
    return response.outcome;
  };

  it.each([false, true])('may have several members; split: %s', async (isSplit) => {
    const outcome = await outcomeOf([gzipSync('m 1\n'), gzipSync('n 1\n')], isSplit);
    expect(outcome).toMatchObject({ ok: true, body: { byteLength: 8 } });
  });

  it.each<[string, Buffer[], boolean]>([
    ['padding', [gzipSync('m 1\n'), zeros], false],
    ['padding', [gzipSync('m 1\n'), zeros], true],
    ['padding before another member', [gzipSync('m 1\n'), zeros, gzipSync('n 1\n')], false],
    ['padding before another member', [gzipSync('m 1\n'), zeros, gzipSync('n 1\n')], true],
  ])('is refused with %s, however it comes; split: %s', async (_, parts, isSplit) => {
    expect(await outcomeOf(parts, isSplit)).toMatchObject({ ok: false, reason: 'truncated' });
  });
});

it('lets the connection go when more bytes follow a complete response', async () => {
  const response = new HttpResponse({
    sink: new CountingBodyStore().open(10),
    maxBodyBytes: 10,
    onDrain: () => undefined,
  });
  response.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nm'));
  response.push(Buffer.from('HTTP/1.1 200 OK\r\n'));
  expect(await response.outcome).toMatchObject({ ok: true });
  expect(response.allowsReuse).toBe(false);
});
