import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { HttpResponse } from '../../../../src/adapters/http/http-response.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';

const MEBIBYTE = 2 ** 20;

it('asks for a pause while decompression lags behind, and says when to read on', async () => {
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

it('refuses a gzip stream that ends, but for padding, before the body does', async () => {
  const response = new HttpResponse({
    sink: new CountingBodyStore().open(10),
    maxBodyBytes: 10,
    onDrain: () => undefined,
  });
  const padded = Buffer.concat([gzipSync('m 1\n'), Buffer.alloc(64)]);
  response.push(
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${padded.length * 2}\r\n\r\n`),
  );
  response.push(padded);
  expect(await response.outcome).toMatchObject({ ok: false, reason: 'truncated' });
  expect(response.allowsReuse).toBe(false);
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
