import type { BigIntStats } from 'node:fs';
import { constants, glob, open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { withoutWaitingFor } from '../../application/fetching/deadline.ts';
import type { Logger } from '../../domain/logger.ts';
import type { TargetDiscovery } from '../../domain/targets/target-discovery.ts';
import type { Target } from '../../domain/targets/target.ts';
import { readTargetGroups } from './target-group.ts';
import { firstOfEachId, targetsOf } from './targets-of.ts';

interface Content {
  /** Changes with the text; undefined if the text could change again while this stays the same. */
  readonly version: string | undefined;
  readonly text: string;
}

/** A file as it was read last. */
interface FileState extends Partial<Content> {
  /** The targets of the last valid content. */
  readonly targets: readonly Target[];
  readonly problem: string | undefined;
}

const FORMATS: Readonly<Record<string, 'json' | 'yaml'>> = {
  '.json': 'json',
  '.yml': 'yaml',
  '.yaml': 'yaml',
};

// Times of files are as coarse as the system's ticks, or as whole seconds.
const SETTLED_MS = 2000;

/**
 * Finds targets in files of Prometheus' file_sd format (JSON or YAML), named by paths or globs. The files are checked each
 * time, so that a change counts from the next scrape on, but once for all callers meanwhile: a file system that hangs then
 * blocks one thread, not one for each scrape. A file that is broken or can't be read keeps its last valid targets; one that
 * is gone has none. Resolves with the same targets as long as nothing changes. Never rejects but for the signal: problems are
 * logged when they begin, change and end.
 */
export class FileTargetDiscovery implements TargetDiscovery {
  readonly #patterns: readonly string[];
  readonly #logger: Logger;
  #files: ReadonlyMap<string, FileState> = new Map();
  /** Problems by subject: a file or a target's id. */
  #problems: ReadonlyMap<string, string> = new Map();
  #underWay: Promise<readonly Target[]> | undefined;

  constructor(patterns: readonly string[], logger: Logger) {
    this.#patterns = patterns;
    this.#logger = logger;
  }

  async discover(signal: AbortSignal): Promise<readonly Target[]> {
    signal.throwIfAborted();
    this.#underWay ??= this.#read().finally(() => (this.#underWay = undefined));
    return await withoutWaitingFor(this.#underWay, signal);
  }

  async #read(): Promise<readonly Target[]> {
    const files = new Map<string, FileState>();
    for (const file of await this.#findFiles()) {
      files.set(file, await nextState(file, this.#files.get(file)));
    }
    this.#files = files;
    const problems = new Map<string, string>();
    for (const [file, { problem }] of files) if (problem !== undefined) problems.set(file, problem);
    const targets = firstOfEachId(
      [...files.values()].flatMap(({ targets }) => targets),
      (id) => problems.set(id, 'listed more than once: the first one stands'),
    );
    this.#report(problems);
    return targets;
  }

  async #findFiles(): Promise<ReadonlySet<string>> {
    const files = new Set<string>();
    for (const pattern of this.#patterns) {
      for (const file of await matching(pattern)) files.add(file);
    }
    // A glob finds nothing in a folder that it can't read.
    for (const file of this.#files.keys()) if (!files.has(file) && !(await isGone(file))) files.add(file);
    return files;
  }

  #report(problems: ReadonlyMap<string, string>): void {
    for (const [subject, problem] of problems) {
      if (this.#problems.get(subject) !== problem)
        this.#logger.warn('a problem with the files of targets', { subject, problem });
    }
    for (const subject of this.#problems.keys()) {
      if (!problems.has(subject))
        this.#logger.info('a problem with the files of targets is over', { subject });
    }
    this.#problems = problems;
  }
}

/** The files that a glob finds, in the order of their names; a path is returned as it is, so that its absence is noticed. */
async function matching(pattern: string): Promise<readonly string[]> {
  if (!/[*?[{]/.test(pattern)) return [pattern];
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  return files.sort();
}

async function isGone(file: string): Promise<boolean> {
  try {
    await stat(file);
    return false;
  } catch (error) {
    return meansGone(error);
  }
}

function meansGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function nextState(file: string, last: FileState | undefined): Promise<FileState> {
  const format = FORMATS[extname(file).toLowerCase()];
  if (format === undefined) return { targets: [], problem: 'the name has to end in .json, .yml or .yaml' };
  let content: Content | undefined;
  try {
    if (last?.version !== undefined && last.version === versionOf(await stat(file, { bigint: true })))
      return last;
    content = await read(file);
    if (content.text === last?.text) return { ...last, ...content };
    const targets = targetsOf(await readTargetGroups(content.text, format));
    return { ...content, targets, problem: undefined };
  } catch (error) {
    const targets = meansGone(error) ? [] : (last?.targets ?? []);
    return { ...content, targets, problem: firstLine(error as Error) };
  }
}

async function read(file: string): Promise<Content> {
  // Without O_NONBLOCK, opening a named pipe would wait for its writer.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) throw new Error('it is no file');
  return { version: versionOf(stats), text: await handle.readFile('utf8') };
}

/** A version of a file's content, by its times; undefined if they are too new to tell it from a later one. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string | undefined {
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  const isSettled = Date.now() - Number(changedNs / 1_000_000n) > SETTLED_MS;
  return isSettled ? [dev, ino, size, mtimeNs, ctimeNs].join(' ') : undefined;
}

/** In a parser's message, the lines after the first one draw the place in the text. */
function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}
