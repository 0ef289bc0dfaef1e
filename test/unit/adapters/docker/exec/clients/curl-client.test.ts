import { LOOP_HEADER, TARGET_ACCEPT } from '../../../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../../../src/domain/targets/target.ts';
import {
  ExecFetchBench,
  FETCHED_ID,
  fixedLimit,
  programs,
  textOf,
  type Ended,
} from '../../../../../support/docker/exec-fetch-harness.ts';
import { aTarget } from '../../../../../support/targets.ts';

const TEXT = 'text/plain; version=0.0.4';

describe('curl', () => {
  it('runs the hardened vector in the container, with nothing else set', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: `\n200 0 ${TEXT}` }]));
    const endpoint = { port: 9100, path: '/x?collect[]=cpu&a=$(id)' };
    textOf(await bench.fetch({ endpoint, limit: fixedLimit(1500) }));
    const [exec] = bench.engine.execs;
    expect(exec!.request).toEqual({
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: '/',
      Cmd: [
        ...['curl', '-q', '-sS', '-g', '-f', '--noproxy', '*', '--proto', '=http'],
        ...['--max-time', '1.500', '--max-filesize', '1000'],
        ...['-H', `Accept: ${TARGET_ACCEPT}`, '-H', `${LOOP_HEADER}: 1`],
        ...['-w', String.raw`\n%{http_code} %{size_download} %{content_type}`],
        'http://localhost:9100/x?collect[]=cpu&a=$(id)',
      ],
    });
    expect(bench.engine.requests).toEqual([
      `POST /containers/${FETCHED_ID}/exec`,
      `POST /exec/${exec!.id}/start`,
      `GET /exec/${exec!.id}/json`,
    ]);
  });

  it.each([
    [false, ['--proto', '=https', '-k']],
    [true, ['--proto', '=https']],
  ])('https, verified: %s', async (verifiesTls, words) => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: '\n200 0 ' }]));
    const target = aTarget({
      id: FETCHED_ID,
      options: { ...DEFAULT_TARGET_OPTIONS, scheme: 'https', verifiesTls },
    });
    textOf(await bench.fetch({ target }));
    const [command] = bench.commands;
    expect(command).toEqual(expect.arrayContaining(words));
    expect(command!.includes('-k')).toBe(!verifiesTls);
    expect(command!.at(-1)).toBe('https://localhost:9100/metrics');
  });

  it.each([
    ['a body', 'up 1\n', TEXT],
    ['no final newline', 'up 1', TEXT],
    ['an empty body', '', TEXT],
    ['a body that ends like a report', 'up 1\n200 4 text/html', TEXT],
    ['any bytes', '\0\r\n\xff\n\n', 'application/x y'],
  ])('%s', async (_case, body, contentType) => {
    await using bench = await ExecFetchBench.start(
      programs(['curl', { stdout: `${body}\n200 ${body.length} ${contentType}` }]),
    );
    const outcome = await bench.fetch();
    expect(outcome).toMatchObject({ ok: true, contentType, via: 'exec' });
    expect(textOf(outcome)).toBe(body);
  });

  it('no Content-Type', async () => {
    await using bench = await ExecFetchBench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    const outcome = await bench.fetch();
    expect(outcome).toMatchObject({ ok: true, contentType: undefined });
    expect(textOf(outcome)).toBe('a 1\n');
  });

  it('a body in frames and chunks of any size, stderr between them', async () => {
    const body = Array.from({ length: 3000 }, (_value, i) => `metric_${i} ${i}\n`).join('');
    await using bench = await ExecFetchBench.start((exec) => {
      const whole = `${body}\n200 ${body.length} ${TEXT}`;
      for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 7) % 4093) {
        exec.stdout(whole.slice(at, at + size));
        if (size % 5 === 0) exec.stderr('a note\n');
      }
      exec.end(0);
    });
    expect(textOf(await bench.fetch({ maxBodyBytes: 100_000 }))).toBe(body);
  });

  it.each<[string, Ended, string]>([
    [
      '404',
      { stdout: '\n404 0 text/html', stderr: 'curl: (22) 404', exitCode: 22 },
      'http_status: HTTP 404, expected 200',
    ],
    ['204', { stdout: '\n204 0 ' }, 'http_status: HTTP 204, expected 200'],
    ['206', { stdout: 'a 1\n\n206 4 text/plain' }, 'http_status: HTTP 206, expected 200'],
    ['302', { stdout: '\n302 0 ' }, 'redirect: HTTP 302: redirects are not followed'],
    [
      'refused',
      { stdout: '\n000 0 ', stderr: 'curl: (7) Failed to connect', exitCode: 7 },
      'connection_failed: curl: (7) Failed',
    ],
    [
      'empty reply',
      { stdout: '\n000 0 ', stderr: 'curl: (52) Empty reply', exitCode: 52 },
      'connection_failed: curl: (52)',
    ],
    [
      'TLS',
      { stdout: '\n000 0 ', stderr: 'curl: (60) SSL certificate problem', exitCode: 60 },
      'connection_failed: curl: (60)',
    ],
    [
      'partial',
      { stdout: 'a 1\n\n200 4 ', stderr: 'curl: (18) transfer closed', exitCode: 18 },
      'truncated: curl: (18)',
    ],
    [
      'reset in the body',
      { stdout: 'a 1\n\n200 4 ', stderr: 'curl: (56) Recv failure', exitCode: 56 },
      'truncated: curl: (56)',
    ],
    [
      'reset before the status',
      { stdout: '\n000 0 ', stderr: 'curl: (56) Recv failure', exitCode: 56 },
      'connection_failed: curl: (56)',
    ],
    [
      'timeout',
      { stdout: '\n000 0 ', stderr: 'curl: (28) Operation timed out', exitCode: 28 },
      'timeout: curl: (28)',
    ],
    [
      'too large, announced',
      { stdout: '\n200 0 ', stderr: 'curl: (63) Maximum file size exceeded', exitCode: 63 },
      'too_large: the body is larger than 1000 bytes',
    ],
    ['too large, arriving', { stdout: 'x'.repeat(5000) }, 'too_large: the body is larger than 1000 bytes'],
    [
      'fewer bytes than curl read',
      { stdout: 'a 1\n\n200 400 ' },
      'truncated: curl read 400 bytes, 4 arrived',
    ],
    ['killed', { stdout: 'a 1\n', exitCode: 137 }, 'exec_failed: killed (exit code 137)'],
    ['crashed', { exitCode: 139 }, 'exec_failed: ended by signal 11 (exit code 139)'],
    [
      'write error',
      { stdout: '\n200 0 ', stderr: 'curl: (23) Failed writing', exitCode: 23 },
      'exec_failed: curl: (23)',
    ],
    ['no report', { stdout: 'a 1\n' }, 'exec_failed: curl ended without its report'],
    [
      'no fork',
      {
        stdout:
          'OCI runtime exec failed: exec failed: unable to start container process: fork: resource temporarily unavailable',
        exitCode: 126,
      },
      'exec_failed: OCI runtime exec failed',
    ],
    [
      'an option it does not know',
      { stderr: 'curl: option --max-filesize: is unknown', exitCode: 2 },
      'exec_failed: curl: option',
    ],
  ])('%s', async (_case, ended, expected) => {
    await using bench = await ExecFetchBench.start(programs(['curl', ended]));
    expect(textOf(await bench.fetch())).toContain(expected);
  });
});
