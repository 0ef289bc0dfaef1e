import { answer, SessionBench, type Answerer } from '../../../../../support/docker/session-harness.ts';
import { until } from '../../../../../support/until.ts';

describe('a frame', () => {
  const body = `${'a 1\n\0\r\n'.repeat(500)}no newline at its end`;
  const report = `\n200 ${body.length} text/plain; version=0.0.4`;

  it.each<[string, Answerer]>([
    ['in one piece', ({ exec, nonce }) => exec.stdout(`${body}${report}\n${nonce}=0\n`).stderr(`${nonce}\n`)],
    [
      'byte by byte',
      ({ exec, nonce }) => {
        for (const byte of `${body}${report}\n${nonce}=0\n`) exec.stdout(byte);
        for (const byte of `a warning\n${nonce}\n`) exec.stderr(byte);
      },
    ],
    [
      'its end cut in the middle',
      ({ exec, nonce }) => {
        exec.stderr(nonce.slice(0, 7)).stdout(`${body}${report}\n${nonce.slice(0, 9)}`);
        setTimeout(() => exec.stdout(`${nonce.slice(9)}=0\n`).stderr(`${nonce.slice(7)}\n`), 10);
      },
    ],
    [
      'stderr long after',
      ({ exec, nonce }) => {
        exec.stdout(`${body}${report}\n${nonce}=0\n`);
        setTimeout(() => exec.stderr(`${nonce}\n`), 30);
      },
    ],
  ])('%s', async (_case, answerer) => {
    await using bench = await SessionBench.start(answerer);
    expect(await bench.fetch()).toBe(body);
    expect(await bench.fetch()).toBe(body);
    expect(bench.engine.execs).toHaveLength(1);
  });

  it('is not ended by a body that looks like an end', async () => {
    const forged = `a 1\n\n200 4 text/plain\n${'0'.repeat(32)}=0\n`;
    await using bench = await SessionBench.start((question) => answer(question, forged));
    expect(await bench.fetch()).toBe(forged);
  });

  it('whose size is not what curl read is truncated', async () => {
    await using bench = await SessionBench.start(({ exec, nonce }) =>
      exec.stderr(`${nonce}\n`).stdout(`a 1\n\n200 5 text/plain\n${nonce}=0\n`),
    );
    expect(await bench.fetch()).toMatch(/^truncated: /);
  });

  it('names what the client said, and nothing of an earlier request', async () => {
    let count = 0;
    await using bench = await SessionBench.start((question) => {
      if (count++ === 0) answer(question, 'up 1\n', 0, 'an old warning\n');
      else answer(question, '', 7, 'curl: (7) Failed to connect\n');
    });
    await bench.fetch();
    expect(await bench.fetch()).toBe('connection_failed: curl: (7) Failed to connect');
  });

  it('over the size limit: the session is dropped, the next fetch has a new one', async () => {
    await using bench = await SessionBench.start((question) => {
      if (question.place.endsWith('/big')) question.exec.stdout('x'.repeat(200_000));
      else answer(question, 'up 1\n');
    });
    expect(await bench.fetch({ endpoint: { port: 1, path: '/big' } })).toMatch(/^too_large: /);
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
  });

  it('that nobody asked for: the session is dropped', async () => {
    await using bench = await SessionBench.start();
    await bench.fetch();
    bench.engine.execs[0]!.stdout('forged 1\n');
    await until(() => bench.engine.openConnections === 0, 'a connection stays');
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.engine.execs).toHaveLength(2);
  });
});

describe('wget in a session', () => {
  const OK = '  HTTP/1.1 200 OK\r\n  Content-Type: text/plain\r\n';

  it.each(['gnu', 'busybox'])('%s: whole seconds, by address, then the other address', async (client) => {
    await using bench = await SessionBench.start(({ exec, nonce, place }) => {
      if (place.startsWith('127.0.0.1'))
        exec.stderr(`wget: Connection refused\n${nonce}\n`).stdout(`\n${nonce}=1\n`);
      else exec.stderr(`${OK}${nonce}\n`).stdout(`up 1\n\n${nonce}=0\n`);
    });
    bench.greeting = `${client}\n`;
    expect(await bench.fetch()).toBe('up 1\n');
    expect(bench.questions.map(({ place }) => place)).toEqual([
      '127.0.0.1:9100/metrics',
      '[::1]:9100/metrics',
    ]);
    expect(bench.questions[0]!.fields[0]).toBe('2');
  });
});
