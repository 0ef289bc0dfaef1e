import { LOOP_HEADER, TARGET_ACCEPT } from '../../../../../../src/domain/fetching/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../../../src/domain/targets/target.ts';
import {
  ExecFetchBench,
  FETCHED_ID,
  fixedLimit,
  MISSING_PROGRAM,
  programs,
  textOf,
  type Ended,
} from '../../../../../support/docker/exec-fetch-harness.ts';
import { aTarget } from '../../../../../support/targets.ts';

const TEXT = 'text/plain; version=0.0.4';

describe('wget', () => {
  const GNU = { stdout: 'GNU Wget 1.21.3 built on linux-gnu.\n' };
  const BUSYBOX = {
    stderr: "wget: unrecognized option '--version'\nBusyBox v1.36.1 multi-call binary.\n",
    exitCode: 1,
  };
  const NO_CURL: [string, Ended] = ['curl', { stdout: MISSING_PROGRAM, exitCode: 126 }];
  const OK = `  HTTP/1.1 200 OK\r\n  Content-Type: ${TEXT}\r\n  Content-Length: 4\r\n`;

  it.each([
    ['GNU', GNU, ['--no-config', '--no-proxy', '--max-redirect=0', '--tries=1', '-nv', '-S', '-O', '-']],
    ['BusyBox', BUSYBOX, ['-Y', 'off', '-q', '-S', '-O', '-']],
  ])(
    "%s, limited by a shell; label text is an argument, never the shell's text",
    async (_case, probed, options) => {
      await using bench = await ExecFetchBench.start(
        programs(NO_CURL, ['--version\0', probed], ['wget', { stdout: 'a 1\n', stderr: OK }]),
      );
      const outcome = await bench.fetch({
        endpoint: { port: 9100, path: "/x;$(id)'`" },
        limit: fixedLimit(1500),
      });
      expect(outcome).toMatchObject({ ok: true, contentType: TEXT });
      expect(textOf(outcome)).toBe('a 1\n');
      const [sh, c, script, , seconds, ...wget] = bench.commands.at(-1)!;
      expect([sh, c, seconds]).toEqual(['sh', '-c', '2']);
      expect(script).not.toContain('id)');
      expect(wget).toEqual([
        ...['wget', ...options],
        ...['--header', `Accept: ${TARGET_ACCEPT}`, '--header', `${LOOP_HEADER}: 1`],
        "http://127.0.0.1:9100/x;$(id)'`",
      ]);
    },
  );

  it('is remembered for the container, and its own exec is all that a fetch costs then', async () => {
    await using bench = await ExecFetchBench.start(
      programs(NO_CURL, ['--version\0', GNU], ['wget', { stdout: 'a 1\n', stderr: OK }]),
    );
    textOf(await bench.fetch());
    textOf(await bench.fetch());
    expect(bench.commands.map(([program]) => program)).toEqual(['curl', 'wget', 'sh', 'sh']);
  });

  it('tries [::1] where nothing listens at 127.0.0.1', async () => {
    const refused = {
      stderr: "wget: can't connect to remote host (127.0.0.1): Connection refused\n",
      exitCode: 1,
    };
    await using bench = await ExecFetchBench.start(
      programs(
        NO_CURL,
        ['--version\0', BUSYBOX],
        ['127.0.0.1', refused],
        ['[::1]', { stdout: 'a 1\n', stderr: OK }],
      ),
    );
    expect(textOf(await bench.fetch())).toBe('a 1\n');
  });

  it.each<[string, Ended, string]>([
    ['500', { stderr: '  HTTP/1.1 500 Oops\n', exitCode: 8 }, 'http_status: HTTP 500'],
    ['302 of GNU', { stderr: '  HTTP/1.1 302 Found\n', exitCode: 8 }, 'redirect: HTTP 302'],
    [
      '302 that BusyBox followed',
      { stdout: 'a 1\n', stderr: `  HTTP/1.1 302 Found\n${OK}` },
      'redirect: HTTP 302',
    ],
    [
      'cut',
      { stdout: 'a', stderr: `${OK}\nwget: connection closed prematurely\n`, exitCode: 1 },
      'truncated: wget: connection closed prematurely',
    ],
    [
      'fewer bytes than announced',
      { stdout: 'a', stderr: OK },
      'truncated: 4 bytes were announced, 1 arrived',
    ],
    ['timeout of GNU', { exitCode: 124 }, 'timeout'],
    ['timeout of BusyBox', { stderr: OK, exitCode: 143 }, 'timeout'],
    ['killed', { exitCode: 137 }, 'exec_failed'],
    [
      'no fork',
      { stderr: "sh: can't fork: Resource temporarily unavailable\n", exitCode: 2 },
      "exec_failed: sh: can't fork",
    ],
    [
      'nothing anywhere',
      { stderr: 'failed: Connection refused.\n', exitCode: 4 },
      'connection_failed: nothing listens on port 9100 at 127.0.0.1 or [::1]',
    ],
    ['no answer', { stderr: 'No data received.\n', exitCode: 4 }, 'connection_failed: No data received.'],
    ['no shell in the image', { stdout: MISSING_PROGRAM.replace('curl', 'sh'), exitCode: 126 }, 'no_client'],
    [
      'a wget without -S',
      { stderr: 'wget: unrecognized option: S\n', exitCode: 1 },
      "no_client: the image's wget is too old",
    ],
  ])('%s', async (_case, ended, expected) => {
    await using bench = await ExecFetchBench.start(programs(NO_CURL, ['--version\0', GNU], ['wget', ended]));
    expect(textOf(await bench.fetch())).toContain(expected);
  });

  // What runc 1.1 writes where the kernel refuses the file, with exit code 1.
  it.each(['no such file or directory', 'exec format error', 'permission denied'])(
    'is used if curl is there but can not be run: %s',
    async (cause) => {
      await using bench = await ExecFetchBench.start(
        programs(
          ['curl', { stderr: `exec /usr/bin/curl: ${cause}\r\n`, exitCode: 1 }],
          ['--version\0', GNU],
          ['wget', { stdout: 'a 1\n', stderr: OK }],
        ),
      );
      expect(textOf(await bench.fetch())).toBe('a 1\n');
    },
  );

  it('BusyBox is not trusted to verify a certificate', async () => {
    await using bench = await ExecFetchBench.start(programs(NO_CURL, ['--version\0', BUSYBOX]));
    const options = { ...DEFAULT_TARGET_OPTIONS, scheme: 'https', verifiesTls: true } as const;
    expect(textOf(await bench.fetch({ target: aTarget({ id: FETCHED_ID, options }) }))).toMatch(
      /^no_client: .*verify/,
    );
  });

  it('neither: remembered for ten minutes', async () => {
    await using bench = await ExecFetchBench.start(
      programs(['', { stdout: MISSING_PROGRAM, exitCode: 127 }]),
    );
    expect(textOf(await bench.fetch())).toMatch(/^no_client: /);
    expect(textOf(await bench.fetch())).toMatch(/^no_client: /);
    expect(bench.commands).toHaveLength(2);
    bench.nowMs += 10 * 60_000;
    await bench.fetch();
    expect(bench.commands).toHaveLength(4);
  });

  it('a failure to fork does not count as a missing program', async () => {
    const busy = { stdout: 'OCI runtime exec failed: fork: resource temporarily unavailable', exitCode: 126 };
    await using bench = await ExecFetchBench.start(programs(NO_CURL, ['--version\0', busy]));
    expect(textOf(await bench.fetch())).toMatch(/^exec_failed: /);
    expect(textOf(await bench.fetch())).toMatch(/^exec_failed: /);
    expect(bench.commands).toHaveLength(4);
  });
});
