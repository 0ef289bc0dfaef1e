import { constants, glob, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { withoutWaitingFor } from '../../application/deadline.ts';
import type { Logger } from '../../domain/logger.ts';
import type { TargetDiscovery } from '../../domain/target-discovery.ts';
import type { Target } from '../../domain/target.ts';
import { readTargetGroups } from './target-group.ts';
import { firstOfEachId, targetsOf } from './targets-of.ts';

/** A file as it was last read. */
interface FileState {
  readonly text: string | undefined;
  /** Of the last content that was good. */
  readonly targets: readonly Target[];
  readonly problem: string | undefined;
}

const FORMATS: Readonly<Record<string, 'json' | 'yaml'>> = {
  '.json': 'json',
  '.yml': 'yaml',
  '.yaml': 'yaml',
};

/**
 * Finds targets in files of Prometheus' file_sd format (JSON or YAML), named by paths or globs. The files are read anew each
 * time, so that a change counts from the next scrape on, but once for all who ask meanwhile: a file system that hangs then
 * holds one thread, not one for each scrape. A file that is broken or can't be read keeps its last good targets; one that is
 * gone has none. Never rejects but for the signal: problems are logged when they begin, change and end.
 */
export class FileTargetDiscovery implements TargetDiscovery {
  readonly #patterns: readonly string[];
  readonly #logger: Logger;
  #files: ReadonlyMap<string, FileState> = new Map();
  /** By what they concern: a file or a target's id. */
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

/** The files that a glob finds, in the order of their names; a path is taken as it is, so that its absence is noticed. */
async function matching(pattern: string): Promise<readonly string[]> {
  if (!/[*?[{]/.test(pattern)) return [pattern];
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  return files.sort();
}

async function nextState(file: string, last: FileState | undefined): Promise<FileState> {
  const format = FORMATS[extname(file).toLowerCase()];
  if (format === undefined)
    return { text: undefined, targets: [], problem: 'the name has to end in .json, .yml or .yaml' };
  let text: string | undefined;
  try {
    text = await readText(file);
    if (text === last?.text) return last;
    return { text, targets: targetsOf(await readTargetGroups(text, format)), problem: undefined };
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { text, targets: isGone ? [] : (last?.targets ?? []), problem: firstLine(error as Error) };
  }
}

async function readText(file: string): Promise<string> {
  // Without O_NONBLOCK, opening a named pipe would wait for its writer.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await handle.stat()).isFile()) throw new Error('it is no file');
  return await handle.readFile('utf8');
}

/** A parser's message goes on with the place in the text, drawn. */
function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}
