import { setTimeout as delay } from 'node:timers/promises';

import { DockerEngine } from '../../../../src/adapters/docker/docker-engine.ts';
import { DockerExecMetricsFetcher } from '../../../../src/adapters/docker/docker-exec-metrics-fetcher.ts';
import { ExecStarter } from '../../../../src/adapters/docker/exec-starter.ts';
import { ConcurrencyLimit } from '../../../../src/application/concurrency-limit.ts';
import { LOOP_HEADER, TARGET_ACCEPT } from '../../../../src/domain/metrics-fetcher.ts';
import type { FetchOutcome, FetchRequest } from '../../../../src/domain/metrics-fetcher.ts';
import { DEFAULT_TARGET_OPTIONS } from '../../../../src/domain/target.ts';
import { MemoryBodyStore } from '../../../support/docker/memory-body-store.ts';
import {
  recordedContainer,
  ScriptedEngine,
  type ExecProgram,
} from '../../../support/docker/scripted-engine.ts';
import { aTarget } from '../../../support/targets.ts';

const ID = recordedContainer('alone').Id;
const TEXT = 'text/plain; version=0.0.4';
const MISSING =
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown\r\n';

interface Ended {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

function request(facts: Partial<FetchRequest> = {}): FetchRequest {
  return {
    target: aTarget({ id: ID }),
    endpoint: { port: 9100, path: '/metrics' },
    timeoutMs: 2000,
    maxBodyBytes: 1000,
    isDaemonReachable: true,
    ...facts,
  };
}

class Bench implements AsyncDisposable {
  readonly engine: ScriptedEngine;
  readonly bodies = new MemoryBodyStore();
  readonly fetcher: DockerExecMetricsFetcher;
  nowMs = 0;

  constructor(engine: ScriptedEngine, concurrency = 8) {
    this.engine = engine;
    const clock = { nowMs: () => performance.now() + this.nowMs, epochMs: () => Date.now() };
    const starter = new ExecStarter(
      new DockerEngine({ host: engine.host }),
      new ConcurrencyLimit(concurrency),
    );
    this.fetcher = new DockerExecMetricsFetcher(starter, this.bodies, clock);
  }

  static async start(run?: ExecProgram, concurrency?: number): Promise<Bench> {
    return new Bench(await ScriptedEngine.start(run === undefined ? {} : { run }), concurrency);
  }

  async fetch(facts: Partial<FetchRequest> = {}, signal = AbortSignal.timeout(3000)): Promise<FetchOutcome> {
    return await this.fetcher.fetch(request(facts), signal);
  }

  get commands(): (readonly string[])[] {
    return this.engine.execs.map((exec) => exec.command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    expect(this.bodies.held).toBe(0);
    await this.engine[Symbol.asyncDispose]();
  }
}

/** Ends each exec as the first matching entry says: by what its command contains. */
function programs(...entries: [string, Ended][]): ExecProgram {
  return (exec) => {
    const [, { stdout = '', stderr = '', exitCode = 0 }] = entries.find(([word]) =>
      `${exec.command.join(' ')}\0`.includes(word),
    )!;
    exec.stdout(stdout).stderr(stderr).end(exitCode);
  };
}

function textOf(outcome: FetchOutcome): string {
  if (!outcome.ok) return `${outcome.reason}: ${outcome.detail}`;
  const text = Buffer.from(outcome.body.bytes()).toString('latin1');
  outcome.body.release();
  return text;
}

describe('curl', () => {
  it('runs the hardened vector in the container, with nothing else set', async () => {
    await using bench = await Bench.start(programs(['curl', { stdout: `\n200 0 ${TEXT}` }]));
    textOf(await bench.fetch({ endpoint: { port: 9100, path: '/x?collect[]=cpu&a=$(id)' } }));
    const [exec] = bench.engine.execs;
    const seconds = exec!.command[10]!;
    expect(Number(seconds)).toBeGreaterThan(1.5);
    expect(Number(seconds)).toBeLessThanOrEqual(2);
    expect(exec!.request).toEqual({
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: '/',
      Cmd: [
        ...['curl', '-q', '-sS', '-g', '-f', '--noproxy', '*', '--proto', '=http'],
        ...['--max-time', seconds, '--max-filesize', '1000'],
        ...['-H', `Accept: ${TARGET_ACCEPT}`, '-H', `${LOOP_HEADER}: 1`],
        ...['-w', String.raw`\n%{http_code} %{size_download} %{content_type}`],
        'http://localhost:9100/x?collect[]=cpu&a=$(id)',
      ],
    });
    expect(bench.engine.requests).toEqual([
      `POST /containers/${ID}/exec`,
      `POST /exec/${exec!.id}/start`,
      `GET /exec/${exec!.id}/json`,
    ]);
  });

  it.each([
    [false, ['--proto', '=https', '-k']],
    [true, ['--proto', '=https']],
  ])('https, verified: %s', async (verifiesTls, words) => {
    await using bench = await Bench.start(programs(['curl', { stdout: '\n200 0 ' }]));
    const target = aTarget({ id: ID, options: { ...DEFAULT_TARGET_OPTIONS, scheme: 'https', verifiesTls } });
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
    await using bench = await Bench.start(
      programs(['curl', { stdout: `${body}\n200 ${body.length} ${contentType}` }]),
    );
    const outcome = await bench.fetch();
    expect(outcome).toMatchObject({ ok: true, contentType, via: 'exec' });
    expect(textOf(outcome)).toBe(body);
  });

  it('no Content-Type', async () => {
    await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    const outcome = await bench.fetch();
    expect(outcome).toMatchObject({ ok: true, contentType: undefined });
    expect(textOf(outcome)).toBe('a 1\n');
  });

  it('a body in frames and chunks of any size, stderr between them', async () => {
    const body = Array.from({ length: 3000 }, (_value, i) => `metric_${i} ${i}\n`).join('');
    await using bench = await Bench.start((exec) => {
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
    await using bench = await Bench.start(programs(['curl', ended]));
    expect(textOf(await bench.fetch())).toContain(expected);
  });
});

describe('wget', () => {
  const GNU = { stdout: 'GNU Wget 1.21.3 built on linux-gnu.\n' };
  const BUSYBOX = {
    stderr: "wget: unrecognized option '--version'\nBusyBox v1.36.1 multi-call binary.\n",
    exitCode: 1,
  };
  const NO_CURL: [string, Ended] = ['curl', { stdout: MISSING, exitCode: 126 }];
  const OK = `  HTTP/1.1 200 OK\r\n  Content-Type: ${TEXT}\r\n  Content-Length: 4\r\n`;

  it.each([
    ['GNU', GNU, ['--no-config', '--no-proxy', '--max-redirect=0', '--tries=1', '-nv', '-S', '-O', '-']],
    ['BusyBox', BUSYBOX, ['-Y', 'off', '-q', '-S', '-O', '-']],
  ])(
    "%s, limited by a shell; label text is an argument, never the shell's text",
    async (_case, probed, options) => {
      await using bench = await Bench.start(
        programs(NO_CURL, ['--version\0', probed], ['wget', { stdout: 'a 1\n', stderr: OK }]),
      );
      const outcome = await bench.fetch({ endpoint: { port: 9100, path: "/x;$(id)'`" } });
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
    await using bench = await Bench.start(
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
    await using bench = await Bench.start(
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
    ['no shell in the image', { stdout: MISSING.replace('curl', 'sh'), exitCode: 126 }, 'no_client'],
    [
      'a wget without -S',
      { stderr: 'wget: unrecognized option: S\n', exitCode: 1 },
      "no_client: the image's wget is too old",
    ],
  ])('%s', async (_case, ended, expected) => {
    await using bench = await Bench.start(programs(NO_CURL, ['--version\0', GNU], ['wget', ended]));
    expect(textOf(await bench.fetch())).toContain(expected);
  });

  it('BusyBox is not trusted to verify a certificate', async () => {
    await using bench = await Bench.start(programs(NO_CURL, ['--version\0', BUSYBOX]));
    const options = { ...DEFAULT_TARGET_OPTIONS, scheme: 'https', verifiesTls: true } as const;
    expect(textOf(await bench.fetch({ target: aTarget({ id: ID, options }) }))).toMatch(
      /^no_client: .*verify/,
    );
  });

  it('neither: remembered for ten minutes', async () => {
    await using bench = await Bench.start(programs(['', { stdout: MISSING, exitCode: 127 }]));
    expect(textOf(await bench.fetch())).toMatch(/^no_client: /);
    expect(textOf(await bench.fetch())).toMatch(/^no_client: /);
    expect(bench.commands).toHaveLength(2);
    bench.nowMs += 10 * 60_000;
    await bench.fetch();
    expect(bench.commands).toHaveLength(4);
  });

  it('a failure to fork is not taken for a missing program', async () => {
    const busy = { stdout: 'OCI runtime exec failed: fork: resource temporarily unavailable', exitCode: 126 };
    await using bench = await Bench.start(programs(NO_CURL, ['--version\0', busy]));
    expect(textOf(await bench.fetch())).toMatch(/^exec_failed: /);
    expect(textOf(await bench.fetch())).toMatch(/^exec_failed: /);
    expect(bench.commands).toHaveLength(4);
  });
});

describe('the daemon', () => {
  it.each([
    [
      'exec_create',
      { kind: 'answer', status: 500, message: 'broken' },
      /^exec_failed: .*answered 500: "broken"/,
    ],
    [
      'exec_start',
      { kind: 'answer', status: 409, message: 'Container x is paused' },
      /^exec_failed: .*is paused/,
    ],
    ['exec_create', { kind: 'answer', status: 403, message: 'no' }, /^exec_failed: a socket proxy .*refused/],
    ['exec_create', { kind: 'reset' }, /^docker_unavailable: /],
    ['exec_start', { kind: 'reset' }, /^docker_unavailable: /],
    ['exec_inspect', { kind: 'reset' }, /^docker_unavailable: /],
  ] as const)('%s: %j', async (operation, misbehaviour, expected) => {
    await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    bench.engine.always(operation, misbehaviour);
    expect(textOf(await bench.fetch())).toMatch(expected);
  });

  it.each(['exec_create', 'exec_start', 'exec_inspect'] as const)(
    'frozen at %s: timeout',
    async (operation) => {
      await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
      bench.engine.always(operation, { kind: 'freeze' });
      const startedMs = performance.now();
      expect(textOf(await bench.fetch({}, AbortSignal.timeout(100)))).toBe('timeout: no answer in time');
      expect(performance.now() - startedMs).toBeLessThan(1000);
    },
  );

  it('a stream that never ends: timeout, and the connection is gone', async () => {
    await using bench = await Bench.start((exec) => exec.stdout('a 1\n'));
    expect(textOf(await bench.fetch({}, AbortSignal.timeout(100)))).toMatch(/^timeout/);
    await delay(20);
    expect(bench.engine.openConnections).toBe(0);
  });

  it('stopped in the middle of a body: docker_unavailable', async () => {
    await using bench = await Bench.start((exec) => {
      exec.stdout('a 1\n');
      setTimeout(() => void bench.engine.stop(), 20);
    });
    expect(textOf(await bench.fetch())).toMatch(/^docker_unavailable/);
  });

  it('is asked again for an exit code that it does not know yet', async () => {
    await using bench = await Bench.start((exec) => {
      exec.stdout('a 1\n\n200 4 ').connection!.end();
      setTimeout(() => (exec.exitCode = 0), 30);
    });
    expect(textOf(await bench.fetch())).toBe('a 1\n');
  });

  it('known not to answer: nothing is asked', async () => {
    await using bench = await Bench.start();
    expect(textOf(await bench.fetch({ isDaemonReachable: false }))).toMatch(/^docker_unavailable/);
    expect(bench.engine.requests).toEqual([]);
  });

  it('a paused container', async () => {
    await using bench = await Bench.start();
    const target = aTarget({ id: recordedContainer('sidecar').Id });
    expect(textOf(await bench.fetch({ target }))).toMatch(/^exec_failed: .*is paused/);
  });

  it('a removed container', async () => {
    await using bench = await Bench.start();
    expect(textOf(await bench.fetch({ target: aTarget() }))).toMatch(/^exec_failed: .*No such container/);
  });

  it('a target that is no container', async () => {
    await using bench = await Bench.start();
    expect(textOf(await bench.fetch({ target: aTarget({ attributes: {} }) }))).toMatch(
      /^exec_failed: .*http mode/,
    );
  });

  it('keeps no connection after a fetch', async () => {
    await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]));
    for (let i = 0; i < 5; i++) textOf(await bench.fetch());
    await delay(20);
    expect(bench.engine.openConnections).toBe(0);
  });
});

describe('starting', () => {
  it('waits for its place, and is queued where it gets none', async () => {
    await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]), 1);
    bench.engine.once('exec_create', { kind: 'freeze' });
    const hung = bench.fetch({}, AbortSignal.timeout(400));
    const second = bench.fetch({}, AbortSignal.timeout(100));
    expect(textOf(await second)).toMatch(/^queued: /);
    expect(textOf(await hung)).toMatch(/^timeout/);
    expect(textOf(await bench.fetch())).toBe('a 1\n');
  });

  it('holds its place until the exec is started, not until it has ended', async () => {
    await using bench = await Bench.start((exec) => {
      if (bench.engine.execs.length > 1) exec.stdout('a 1\n\n200 4 ').end();
    }, 1);
    const hung = bench.fetch({}, AbortSignal.timeout(300));
    expect(textOf(await bench.fetch())).toBe('a 1\n');
    expect(textOf(await hung)).toMatch(/^timeout/);
  });

  it('holds its place for a second at most', async () => {
    await using bench = await Bench.start(programs(['curl', { stdout: 'a 1\n\n200 4 ' }]), 1);
    bench.engine.once('exec_start', { kind: 'freeze' });
    const startedMs = performance.now();
    const hung = bench.fetch({}, AbortSignal.timeout(1500));
    expect(textOf(await bench.fetch())).toBe('a 1\n');
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(performance.now() - startedMs).toBeLessThan(1400);
    expect(textOf(await hung)).toMatch(/^timeout/);
  });
});
