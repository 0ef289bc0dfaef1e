import type { ResponseHead } from '../../../../src/adapters/http/response-head.ts';
import { ResponseParser } from '../../../../src/adapters/http/response-parser.ts';
import { cpuMsOf } from '../../../support/cpu-time.ts';

interface Reading {
  readonly status: number | undefined;
  readonly body: string;
  /** The failure, or the state after the last byte. */
  readonly end: string;
}

/** Reads a response that comes in pieces of the given size; `closes` ends the connection after it. */
function read(response: string, { pieceBytes = Infinity, closes = false } = {}): Reading {
  let head: ResponseHead | undefined;
  let body = '';
  const parser = new ResponseParser({
    head: (received) => void (head = received),
    data: (bytes) => void (body += bytes.toString('latin1')),
  });
  const bytes = Buffer.from(response, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const problem = parser.push(bytes.subarray(at, at + pieceBytes));
    if (problem !== undefined) return { status: head?.status, body, end: problem.detail };
  }
  if (closes) parser.endOfConnection();
  const state = parser.isComplete
    ? parser.keepsAlive
      ? 'complete, kept'
      : 'complete, closed'
    : 'incomplete';
  return { status: head?.status, body, end: state };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe.each([
  ['in one piece', Infinity],
  ['byte by byte', 1],
  ['in pieces of seven', 7],
])('ResponseParser, %s', (_name, pieceBytes) => {
  it.each([
    // length
    ['a body with its length', `${OK}Content-Length: 5\r\n\r\nm 1\r\n`, 'm 1\r\n', 'complete, kept'],
    ['an empty body', `${OK}Content-Length: 0\r\n\r\n`, '', 'complete, kept'],
    ['a body that is not all there', `${OK}Content-Length: 6\r\n\r\nm 1\r\n`, 'm 1\r\n', 'incomplete'],
    ['leading zeros', `${OK}Content-Length: 0003\r\n\r\nm 1`, 'm 1', 'complete, kept'],
    // chunked
    ['one chunk', `${CHUNKED}3\r\nm 1\r\n0\r\n\r\n`, 'm 1', 'complete, kept'],
    ['several chunks', `${CHUNKED}2\r\nm \r\n1\r\n1\r\n0\r\n\r\n`, 'm 1', 'complete, kept'],
    [
      'hex of both cases',
      `${CHUNKED}a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      '01234567890123456789',
      'complete, kept',
    ],
    ['a size with zeros', `${CHUNKED}003\r\nm 1\r\n000\r\n\r\n`, 'm 1', 'complete, kept'],
    ['a chunk extension', `${CHUNKED}3;a="b c"\r\nm 1\r\n0;x\r\n\r\n`, 'm 1', 'complete, kept'],
    ['chunk extensions', `${CHUNKED}3;a;b=c\r\nm 1\r\n0\r\n\r\n`, 'm 1', 'complete, kept'],
    ['trailers', `${CHUNKED}3\r\nm 1\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n`, 'm 1', 'complete, kept'],
    ['no last chunk', `${CHUNKED}3\r\nm 1\r\n`, 'm 1', 'incomplete'],
    ['no end of the trailers', `${CHUNKED}0\r\n`, '', 'incomplete'],
    ['Chunked in capitals', `${OK}TRANSFER-ENCODING:CHUNKED\r\n\r\n0\r\n\r\n`, '', 'complete, kept'],
    // connection
    ['Connection: close', `${OK}Connection: close\r\nContent-Length: 1\r\n\r\nm`, 'm', 'complete, closed'],
    ['close in a list', `${OK}Connection: x, Close\r\nContent-Length: 1\r\n\r\nm`, 'm', 'complete, closed'],
    [
      'close in a second field',
      `${OK}Connection: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      '',
      'complete, closed',
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nm', 'm', 'complete, closed'],
    [
      'HTTP/1.0, kept',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nm',
      'm',
      'complete, kept',
    ],
    ['no framing, not closed yet', `${OK}\r\nm 1\n`, 'm 1\n', 'incomplete'],
    // heads
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '', 'complete, kept'],
    ['an empty reason phrase', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', '', 'complete, kept'],
    ['blanks around values', `${OK}Content-Length:  1  \r\nX: \t\r\n\r\nm`, 'm', 'complete, kept'],
    ['obs-text', `${OK}Server: caf\xe9\r\nContent-Length: 0\r\n\r\n`, '', 'complete, kept'],
    [
      'interim responses',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${OK}Content-Length: 1\r\n\r\nm`,
      'm',
      'complete, kept',
    ],
  ])('reads %s', (_name, response, body, end) => {
    expect(read(response, { pieceBytes })).toEqual({ status: 200, body, end });
  });

  it('ends a body without framing with the connection', () => {
    expect(read(`${OK}\r\nm 1\n`, { pieceBytes, closes: true })).toMatchObject({
      body: 'm 1\n',
      end: 'complete, closed',
    });
    expect(read(`${OK}Content-Length: 9\r\n\r\nm 1\n`, { pieceBytes, closes: true }).end).toBe('incomplete');
    expect(read(`${CHUNKED}3\r\nm 1\r\n`, { pieceBytes, closes: true }).end).toBe('incomplete');
  });

  it.each([
    // status line
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n', 'not HTTP/1'],
    ['a TLS alert, without a line end', '\x15\x03\x01\x00\x02\x02\x46', 'not HTTP/1'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n', 'not HTTP/1'],
    ['HTTP/0.9', 'm 1\n', 'not HTTP/1'],
    ['a blank line first', `\r\n${OK}Content-Length: 0\r\n\r\n`, 'not HTTP/1'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', 'bad status line'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'bad status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'bad status line'],
    ['status 099', 'HTTP/1.1 099 OK\r\n\r\n', 'bad status line'],
    ['two blanks before the status', 'HTTP/1.1  200 OK\r\n\r\n', 'bad status line'],
    ['a NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', 'bad status line'],
    ['switching protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'it switches protocols'],
    [
      'an interim response that closes',
      `HTTP/1.1 103 X\r\nConnection: close\r\n\r\n${OK}\r\n`,
      'it closes after an interim response',
    ],
    // line ends
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', 'line ends in LF without CR'],
    ['bare LF after the head', `${OK}Content-Length: 0\r\n\n`, 'line ends in LF without CR'],
    ['bare CR in a value', `${OK}X: a\rContent-Length: 1\r\n\r\n`, 'bad character in a header value'],
    ['bare CR after the status line', 'HTTP/1.1 200 OK\rX: y\r\n\r\n', 'bad status line'],
    ['CR CR LF', `${OK}X: a\r\r\n\r\n`, 'bad character in a header value'],
    // fields
    ['a folded line', `${OK}X: a\r\n b\r\n\r\n`, 'folded header line'],
    ['a folded line with a tab', `${OK}X: a\r\n\tb\r\n\r\n`, 'folded header line'],
    ['a blank before the colon', `${OK}Content-Length : 1\r\n\r\n`, 'bad header name'],
    ['no colon', `${OK}Content-Length\r\n\r\n`, 'bad header name'],
    ['no name', `${OK}: x\r\n\r\n`, 'bad header name'],
    ['a quote in a name', `${OK}"X": x\r\n\r\n`, 'bad header name'],
    ['a letter outside ASCII in a name', `${OK}X\xe9: x\r\n\r\n`, 'bad header name'],
    ['a NUL in a value', `${OK}X: a\0b\r\n\r\n`, 'bad character in a header value'],
    ['a DEL in a value', `${OK}X: a\x7fb\r\n\r\n`, 'bad character in a header value'],
    // framing
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nm`, 'more than one Content-Length'],
    [
      'the same length twice',
      `${OK}Content-Length: 1\r\ncontent-length: 1\r\n\r\nm`,
      'more than one Content-Length',
    ],
    ['a list of lengths', `${OK}Content-Length: 1, 1\r\n\r\nm`, 'bad Content-Length'],
    ['a signed length', `${OK}Content-Length: +1\r\n\r\nm`, 'bad Content-Length'],
    ['a negative length', `${OK}Content-Length: -1\r\n\r\nm`, 'bad Content-Length'],
    ['a hex length', `${OK}Content-Length: 0x1\r\n\r\nm`, 'bad Content-Length'],
    ['an empty length', `${OK}Content-Length:\r\n\r\nm`, 'bad Content-Length'],
    ['a length beyond numbers', `${OK}Content-Length: 9007199254740993\r\n\r\nm`, 'bad Content-Length'],
    ['a length of 20 digits', `${OK}Content-Length: 18446744073709551617\r\n\r\nm`, 'bad Content-Length'],
    [
      'length and chunked',
      `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'Content-Length beside Transfer-Encoding',
    ],
    [
      'gzip as a transfer coding',
      `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      'Transfer-Encoding other than chunked',
    ],
    [
      'chunked twice',
      `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'Transfer-Encoding other than chunked',
    ],
    ['identity', `${OK}Transfer-Encoding: identity\r\n\r\n`, 'Transfer-Encoding other than chunked'],
    [
      'chunked in quotes',
      `${OK}Transfer-Encoding: "chunked"\r\n\r\n`,
      'Transfer-Encoding other than chunked',
    ],
    [
      'chunked in HTTP/1.0',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'Transfer-Encoding in HTTP/1.0',
    ],
    // chunks
    ['a chunk size that is no number', `${CHUNKED}x\r\n`, 'bad chunk size'],
    ['an empty chunk size', `${CHUNKED}\r\n`, 'bad chunk size'],
    ['only an extension', `${CHUNKED};a=b\r\n`, 'bad chunk size'],
    ['0x in a chunk size', `${CHUNKED}0x3\r\nm 1\r\n`, 'bad chunk size'],
    ['a signed chunk size', `${CHUNKED}+3\r\nm 1\r\n`, 'bad chunk size'],
    ['a blank before a chunk size', `${CHUNKED} 3\r\nm 1\r\n`, 'bad chunk size'],
    ['a blank after a chunk size', `${CHUNKED}3 \r\nm 1\r\n`, 'bad chunk size'],
    ['a chunk size beyond numbers', `${CHUNKED}20000000000000\r\n`, 'bad chunk size'],
    ['a chunk size of 17 digits', `${CHUNKED}00000000000000003\r\nm 1\r\n`, 'bad chunk size'],
    ['bare LF after a chunk size', `${CHUNKED}3\nm 1\r\n`, 'bad chunk size'],
    ['bare CR after a chunk size', `${CHUNKED}3\rm 1\r\n`, 'chunk without its line end'],
    ['bare LF after an extension', `${CHUNKED}3;a\nm 1\r\n`, 'line ends in LF without CR'],
    ['a control character in a chunk extension', `${CHUNKED}3;a\x01\r\nm 1\r\n`, 'bad chunk extension'],
    ['a chunk extension without a name', `${CHUNKED}3;\r\nm 1\r\n`, 'bad chunk extension'],
    ['a chunk extension with a blank', `${CHUNKED}3; a\r\nm 1\r\n`, 'bad chunk extension'],
    ['a chunk longer than its size', `${CHUNKED}3\r\nm 12\r\n0\r\n\r\n`, 'chunk without its line end'],
    ['a chunk shorter than its size', `${CHUNKED}5\r\nm 1\r\n0\r\n\r\n`, 'chunk without its line end'],
    ['bare LF after a chunk', `${CHUNKED}3\r\nm 1\n0\r\n\r\n`, 'chunk without its line end'],
    ['a bad trailer', `${CHUNKED}0\r\nnot a field\r\n\r\n`, 'bad header name'],
    [
      'a length as trailer',
      `${CHUNKED}0\r\nContent-Length: 0\r\n\r\n`,
      'framing field in the trailer section',
    ],
    // the end
    ['bytes after a length', `${OK}Content-Length: 1\r\n\r\nm 1`, 'more bytes than its framing announced'],
    ['bytes after an empty body', `${OK}Content-Length: 0\r\n\r\nm`, 'more bytes than its framing announced'],
    ['bytes after the last chunk', `${CHUNKED}0\r\n\r\nm`, 'more bytes than its framing announced'],
    ['a second response', `${OK}Content-Length: 0\r\n\r\n${OK}`, 'more bytes than its framing announced'],
  ])('refuses %s', (_name, response, end) => {
    expect(read(response, { pieceBytes }).end).toBe(`broken HTTP response: ${end}`);
  });
});

describe('ResponseParser', () => {
  const header = (byteCount: number): string => `X: ${'a'.repeat(byteCount - 5)}\r\n`;

  it.each([
    ['one line without an end', `HTTP/1.1 200 ${'a'.repeat(70_000)}`],
    ['one long field', `${OK}${header(70_000)}\r\n`],
    ['many fields', `${OK}${header(100).repeat(700)}\r\n`],
    ['interim responses without an end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3000)],
    ['chunk extensions', CHUNKED + `1;${'a'.repeat(1000)}\r\nm\r\n`.repeat(70)],
    ['trailers', `${CHUNKED}0\r\n${header(100).repeat(700)}`],
  ])('accepts at most 64 KiB beside the body: %s', (_name, response) => {
    expect(read(response).end).toBe('broken HTTP response: head over 64 KiB');
    expect(read(response, { pieceBytes: 1000 }).end).toBe('broken HTTP response: head over 64 KiB');
  });

  it('accepts a head just below 64 KiB', () => {
    expect(read(`${OK}${header(60_000)}Content-Length: 0\r\n\r\n`).end).toBe('complete, kept');
  });

  it.each([
    ['inside a value', `${OK}X: a${' '.repeat(60_000)}b\r\nContent-Length: 0\r\n\r\n`, 'complete, kept'],
    [
      'before a bad character',
      `${OK}X:${' '.repeat(60_000)}\0\r\n\r\n`,
      'broken HTTP response: bad character in a header value',
    ],
  ])('reads a long run of blanks in linear time: %s', (_name, response, end) => {
    expect(cpuMsOf(() => expect(read(response).end).toBe(end))).toBeLessThan(1000);
  });

  it('hands over the facts about the body that are in the head', () => {
    let head: ResponseHead | undefined;
    const parser = new ResponseParser({ head: (received) => void (head = received), data: () => undefined });
    parser.push(
      Buffer.from(
        `${OK}content-TYPE: text/plain; version=0.0.4\r\nContent-Encoding: GZIP\r\nContent-Length: 7\r\nLocation: /x\r\n\r\n`,
      ),
    );
    expect(head).toEqual({
      status: 200,
      framing: { kind: 'length', byteLength: 7 },
      keepsAlive: true,
      contentType: 'text/plain; version=0.0.4',
      contentEncoding: 'gzip',
      location: '/x',
    });
  });
});
