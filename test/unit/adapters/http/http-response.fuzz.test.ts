import { jest } from '@jest/globals';
import fc from 'fast-check';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { HttpMetricsFetcher } from '../../../../src/adapters/http/http-metrics-fetcher.ts';
import { HttpResponse } from '../../../../src/adapters/http/http-response.ts';
import type { FetchOutcome } from '../../../../src/domain/fetching/metrics-fetcher.ts';
import { CountingBodyStore } from '../../../support/counting-body-store.ts';
import { aRequest, NEVER } from '../../../support/fakes.ts';
import { RawServer } from '../../../support/raw-server.ts';

/** FUZZ_RUNS=100000 for a long look. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);

jest.setTimeout(300_000 + RUNS * 10);
const MAX_BODY_BYTES = 5000;

const SURPLUS = 'connection_failed by what follows';

interface Response {
  readonly bytes: Buffer;
  readonly body: string;
  readonly framing: 'length' | 'chunked' | 'until-close';
}

const bodyText = fc
  .array(fc.constantFrom('m{a="b"} 1\n', '# HELP m x\r\n', '0\r\n\r\n', '\n', '\xe9', 'HTTP/1.1 200 OK\r\n'))
  .map((parts) => parts.join(''));

const fieldLine = fc.constantFrom(
  'Server: x',
  'Date:',
  'X-A: \t b ',
  'Keep-Alive: timeout=5',
  'Connection: keep-alive',
  'Vary: a, b',
);

const validResponse: fc.Arbitrary<Response> = fc
  .record({
    body: bodyText,
    framing: fc.constantFrom('length', 'chunked', 'until-close'),
    isGzip: fc.boolean(),
    fields: fc.array(fieldLine, { maxLength: 3 }),
    interim: fc.constantFrom('', '', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
    chunkBytes: fc.integer({ min: 1, max: 40 }),
    extension: fc.constantFrom('', '', ';a=b'),
    trailer: fc.constantFrom('', '', 'X-Sum: 1\r\n'),
  })
  .map(({ body, framing, isGzip, fields, interim, chunkBytes, extension, trailer }) => {
    const content = isGzip ? gzipSync(Buffer.from(body, 'latin1')) : Buffer.from(body, 'latin1');
    const lines = ['HTTP/1.1 200 OK', ...fields];
    if (isGzip) lines.push('Content-Encoding: gzip');
    if (framing === 'length') lines.push(`Content-Length: ${content.length}`);
    if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
    const head = Buffer.from(`${interim}${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (framing !== 'chunked') return { bytes: Buffer.concat([head, content]), body, framing };
    const pieces: Buffer[] = [head];
    for (let at = 0; at < content.length; at += chunkBytes) {
      const chunk = content.subarray(at, at + chunkBytes);
      pieces.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'));
    }
    pieces.push(Buffer.from(`0${extension}\r\n${trailer}\r\n`));
    return { bytes: Buffer.concat(pieces), body, framing };
  });

const insertion = fc.constantFrom(
  ...[
    '',
    '',
    '',
    'x',
    '\n\n',
    '\r\r',
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\0',
    ':',
    ';',
    '0',
    '5',
    'f',
    '-',
    ',',
    '\x80',
    '\r\n ',
    '\n\n',
    'HTTP/1.1 100 X\r\n\r\n',
  ],
  ...[
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: x\r\n',
    'Connection: close\r\n',
  ],
);

/** Evenly spread in [0, 1): fc.double() prefers what lies near 0. */
const fraction = fc.nat(9999).map((n) => n / 10_000);

const edit = fc.record({
  /** Where marks of the syntax are, or anywhere. */
  isAtMark: fc.boolean(),
  place: fraction,
  drop: fc.nat(2),
  insertion,
});

/** A response that was changed in some places. */
const changedResponse = fc
  .tuple(validResponse, fc.array(edit, { minLength: 1, maxLength: 2 }))
  .map(([{ bytes }, edits]) => {
    let text = bytes.toString('latin1');
    for (const { isAtMark, place, drop, insertion: added } of edits) {
      const marks = [...text.matchAll(isAtMark ? /[\r\n:; ]/g : /[^]/g)];
      const at = marks[Math.floor(place * marks.length)]?.index ?? 0;
      text = text.slice(0, at) + added + text.slice(at + drop);
    }
    return Buffer.from(text, 'latin1');
  });

const anyBytes = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 9, arbitrary: changedResponse },
);

const pieceSizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

/** What a response comes to that arrives in pieces of these sizes, in turn, and is followed by the connection's end. */
async function receive(bytes: Buffer, sizes: readonly number[]): Promise<string> {
  const bodies = new CountingBodyStore();
  const sink = bodies.open(MAX_BODY_BYTES);
  const response = new HttpResponse({ sink, maxBodyBytes: MAX_BODY_BYTES, onDrain: () => undefined });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    // A copy that is wiped afterwards, so that a view that was kept shows.
    const piece = Buffer.from(bytes.subarray(at, end));
    response.push(piece);
    piece.fill(0);
    at = end;
  }
  response.connectionEnded();
  const outcome = await response.outcome;
  if (!outcome.ok && outcome.reason === 'unanswered') sink.discard();
  expect(bodies.openSinks).toBe(0);
  if (!outcome.ok && outcome.detail.includes('more bytes')) return SURPLUS;
  return outcome.ok ? text(outcome) : outcome.reason;
}

function text(outcome: FetchOutcome): string {
  return outcome.ok ? `ok ${Buffer.from(outcome.body.bytes()).toString('latin1')}` : outcome.reason;
}

describe('HttpResponse, with responses made up', () => {
  it('gives the body of a valid response, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(validResponse, pieceSizes, async ({ bytes, body }, sizes) => {
        expect(await receive(bytes, sizes)).toBe(`ok ${body}`);
      }),
      { numRuns: RUNS },
    );
  });

  it('never regards a response as complete whose end is missing', async () => {
    const announced = validResponse.filter(({ framing }) => framing !== 'until-close');
    await fc.assert(
      fc.asyncProperty(announced, fraction, pieceSizes, async ({ bytes }, cut, sizes) => {
        const short = bytes.subarray(0, Math.floor(cut * (bytes.length - 1)));
        expect(await receive(short, sizes)).toMatch(/^(?:unanswered|connection_failed|truncated)$/);
      }),
      { numRuns: RUNS },
    );
  });

  it('settles any bytes at all, the same however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, pieceSizes, async (bytes, sizes) => {
        const whole = await receive(bytes, [bytes.length + 1]);
        // What follows a complete response is seen only if it comes with its last bytes.
        if (whole !== SURPLUS) expect(await receive(bytes, sizes)).toBe(whole);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('beside node:http', () => {
  let served: Buffer = Buffer.alloc(0);
  let server: RawServer;
  const fetcher = new HttpMetricsFetcher({ bodies: new CountingBodyStore(), version: '1.2.3' });

  beforeAll(async () => {
    server = await RawServer.start((socket) => socket.end(served));
  });

  afterAll(async () => {
    fetcher.close();
    await server[Symbol.asyncDispose]();
  });

  function fetchByNode(): Promise<string> {
    return new Promise((resolve) => {
      const request = httpRequest({ host: '127.0.0.1', port: server.port, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve('failed'));
        response.on('end', () => {
          const isWhole = response.complete && response.statusCode === 200;
          resolve(isWhole ? `ok ${Buffer.concat(chunks).toString('latin1')}` : 'failed');
        });
      });
      request.on('error', () => resolve('failed'));
      request.on('upgrade', (_response, socket) => {
        socket.destroy();
        resolve('failed');
      });
      request.end();
    });
  }

  async function fetchByUs(): Promise<string> {
    const request = aRequest({ endpoint: { port: server.port, path: '/' }, maxBodyBytes: MAX_BODY_BYTES });
    return text(await fetcher.fetch(request, NEVER));
  }

  const withoutGzip = (bytes: Buffer): boolean => !/gzip/i.test(bytes.toString('latin1'));

  it('reads the same from a valid response', async () => {
    await fc.assert(
      fc.asyncProperty(
        validResponse.filter(({ bytes }) => withoutGzip(bytes)),
        async ({ bytes }) => {
          served = bytes;
          expect(await fetchByUs()).toBe(await fetchByNode());
        },
      ),
      { numRuns: RUNS / 4 },
    );
  });

  it('accepts nothing that llhttp refuses, and never reads it in another way', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes.filter(withoutGzip), async (bytes) => {
        served = bytes;
        const ours = await fetchByUs();
        if (ours.startsWith('ok ')) expect(ours).toBe(await fetchByNode());
      }),
      { numRuns: RUNS },
    );
  });
});
