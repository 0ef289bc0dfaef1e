// script/soak: see there. Needs root, a build and the programs that script/lib/packages names.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import Docker from 'dockerode';
import { removeAbandonedEngines } from '../../script/lib/engine-remains.ts';
import { ImageProvider } from '../../script/lib/images.ts';
import { startPrivateEngine, type PrivateEngine } from '../../script/lib/private-engine.ts';
import { startProgram } from '../../test/support/program.ts';
import { injectFaults, seededRandom } from './inject-faults.ts';
import { judge, missing, type Verdict } from './judge.ts';
import { readMemory } from './memory.ts';
import { scrapeOnce, scrapeSteadily, type ScrapeRecord, type ScraperOptions } from './scrape-steadily.ts';
import { soakSmallContainer } from './small-container.ts';
import {
  FETCHES,
  forgetTouches,
  isLost,
  programsIn,
  startAll,
  startSoakTargets,
  startWitnessContainer,
  type SoakTarget,
} from './soak-targets.ts';
import { untilWhole } from './until-whole.ts';
import { Witness } from './witness.ts';

const TARGETS = { all: 20, hung: 5 };
const TIMEOUT_SECONDS = 10;
const BUDGET_MS = 9500;
const TIME_JUDGED_SECONDS = 30;

type Mode = 'exec' | 'http';

const CLIENTS: Readonly<Record<Mode, readonly Pick<ScraperOptions, 'everyMs' | 'wantsOpenMetrics'>[]>> = {
  exec: [
    { everyMs: 1000, wantsOpenMetrics: () => false },
    { everyMs: 1000, wantsOpenMetrics: () => true },
  ],
  http: [{ everyMs: 200, wantsOpenMetrics: (nth) => nth % 2 === 1 }],
};

interface Run {
  readonly engine: PrivateEngine;
  readonly docker: Docker;
  readonly targets: readonly SoakTarget[];
  readonly witnessTarget: SoakTarget;
  readonly seconds: number;
  readonly random: () => number;
  readonly interruption: AbortSignal;
}

async function soakMode(mode: Mode, run: Run): Promise<Verdict> {
  const { engine, targets, witnessTarget, seconds, random, interruption } = run;
  const healthy = targets.filter(({ isHung }) => !isHung);
  await using exporter = await startProgram('dist/main.js', '/-/healthy', {
    DOCKER_HOST: engine.host,
    FETCH_MODE: mode,
    // What hangs ends with the budget.
    TARGET_TIMEOUT: `${TIMEOUT_SECONDS}s`,
  });
  await using witness = new Witness((signal) => FETCHES[mode](witnessTarget.container, signal));
  const clients = new AbortController();
  const options = { url: `${exporter.url}/metrics`, pid: exporter.pid, timeoutSeconds: TIMEOUT_SECONDS };
  const untilAllAreBack = async (): Promise<void> => {
    const present = healthy.filter((target) => !isLost(target));
    const query = present.map(({ name }) => `container_name=${name}`).join('&');
    const ofPresent = { ...options, url: `${options.url}?${query}` };
    await untilWhole(
      async () => scrapeOnce(ofPresent),
      (record) => problemsOf(record, present),
      witness,
    );
  };
  await untilAllAreBack();
  const scraping = CLIENTS[mode].map((client) => scrapeSteadily({ ...options, ...client }, clients.signal));
  const counts = { kill: 0, pause: 0 };
  await injectFaults(healthy, random, performance.now() + seconds * 450, counts, interruption);
  // Without the engine the exporter knows the addresses of its last list: a container that was just started is to be on it.
  await untilAllAreBack();
  const fromMs = performance.now();
  await restartEngine(mode, run);
  const engineMs = performance.now() - fromMs;
  await untilAllAreBack();
  const outage = { fromMs, untilMs: performance.now() };
  // Counted from here: on a busy machine the engine may take longer to come back than the rest of the time.
  await injectFaults(healthy, random, performance.now() + seconds * 550, counts, interruption);
  const memory = readMemory(exporter.pid);
  // The last scrapes are running when the signal arrives: they must still be answered.
  clients.abort();
  await sleep(50);
  const exit = await exporter.stop('SIGTERM');
  const records = (await Promise.all(scraping)).flat();
  const verdict = judge(records, targets, {
    timeoutMs: TIMEOUT_SECONDS * 1000,
    budgetMs: BUDGET_MS,
    judgesTime: seconds >= TIME_JUDGED_SECONDS,
    outage,
    // The containers keep running, and the exporter keeps its last list of them.
    outlivesEngine: mode === 'http',
    witness,
  });
  const problems = [...verdict.problems];
  if (exit !== 0)
    problems.push(`the exporter ended with ${exit} on SIGTERM:\n${exporter.log().slice(-2000)}`);
  problems.push(...(await leftInContainers(targets, witness)));
  if (interruption.aborted) problems.push('interrupted');
  const faults = {
    ...counts,
    'lost by the engine': targets.filter(isLost).length,
    'engine restart ms': Math.round(engineMs),
    'slowest witness ms': Math.round(witness.delayMs(outage.untilMs, performance.now())),
  };
  return { problems, figures: { ...verdict.figures, ...faults, ...memory } };
}

/**
 * In exec mode the containers end with the engine and are started again; the new engine keeps its containers through the
 * restart in http mode.
 */
async function restartEngine(mode: Mode, { engine, targets, witnessTarget }: Run): Promise<void> {
  await engine.stopDaemon();
  await engine.startDaemon(['--live-restore']);
  if (mode === 'exec') await startAll([witnessTarget, ...targets.filter((target) => !isLost(target))]);
}

function problemsOf(record: ScrapeRecord, targets: readonly SoakTarget[]): readonly string[] {
  if (record.status !== 200) return [`status ${record.status} ${record.problem ?? ''}`];
  return missing(gunzipSync(record.body).toString(), targets);
}

/** curl in a hung target ends with its own time limit, at most the scrape's. */
async function leftInContainers(targets: readonly SoakTarget[], witness: Witness): Promise<string[]> {
  const fromMs = performance.now();
  const isOver = (): boolean => {
    const nowMs = performance.now();
    return nowMs - fromMs > TIMEOUT_SECONDS * 1000 + 1000 + witness.delayMs(fromMs, nowMs);
  };
  for (;;) {
    const found = await Promise.all(
      targets.map(async (target) => {
        if (isLost(target)) return [];
        const left = (await programsIn(target)).filter((name) => name !== 'node');
        return left.length === 0
          ? []
          : [`left in ${target.name} after the exporter's end: ${left.join(', ')}`];
      }),
    );
    const problems = found.flat();
    if (problems.length === 0 || isOver()) return problems;
    await sleep(200);
  }
}

function report(title: string, { problems, figures }: Verdict): boolean {
  console.log(`\n${title}: ${problems.length === 0 ? 'kept every promise' : `${problems.length} problems`}`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(28)} ${value}`);
  for (const problem of problems.slice(0, 20)) console.log(`  BROKEN: ${problem}`);
  return problems.length === 0;
}

async function soak(seconds: number, seed: number, interruption: AbortSignal): Promise<boolean> {
  await removeAbandonedEngines();
  await using engine = await startPrivateEngine();
  const docker = new Docker({ socketPath: engine.socketPath });
  const images = new ImageProvider({ engine: docker, log: (line) => process.stderr.write(`${line}\n`) });
  console.log(
    `soak: ${seconds} s per mode, seed ${seed}, ${TARGETS.all} containers, ${TARGETS.hung} of them hung`,
  );
  const image = await images.provide('node');
  const targets = await startSoakTargets(docker, image, TARGETS);
  const witnessTarget = await startWitnessContainer(docker, image);
  const run = { engine, docker, targets, witnessTarget, seconds, random: seededRandom(seed), interruption };
  let isGood = true;
  for (const mode of ['exec', 'http'] as const) {
    if (interruption.aborted) return false;
    targets.forEach(forgetTouches);
    isGood = report(`${mode} mode`, await soakMode(mode, run)) && isGood;
  }
  if (interruption.aborted) return false;
  await Promise.all(
    [witnessTarget, ...targets]
      .filter((target) => !isLost(target))
      .map(async ({ container }) => {
        await container.remove({ force: true });
      }),
  );
  const small = await soakSmallContainer(engine, docker, images, seconds);
  return report('50 targets × 2000 samples in 128 MiB', small) && isGood;
}

function wholeNumber(text: string, name: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number, not "${text}"`);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
try {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({ options: { seconds: string, seed: string } });
  if (process.getuid?.() !== 0) throw new Error('run it as root: it starts a Docker engine of its own');
  const seconds = wholeNumber(values.seconds ?? '60', 'seconds');
  const isGood = await soak(seconds, wholeNumber(values.seed ?? '1', 'seed'), interruption.signal);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  console.error(`script/soak: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
process.exit();
