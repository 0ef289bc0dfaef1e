import { copy } from './bytes';
import {
  BOUND_HASHES,
  FLAGS,
  HAS_BAD_LE,
  HAS_LE,
  HAS_TIMESTAMP,
  IS_OUT_OF_ORDER,
  LABEL_HASHES,
  LINE_STARTS,
  MILLISECONDS,
  NOTES,
  RUN_FIRST_SAMPLES,
  RUN_FLAGS,
  RUN_NAMES,
  SERIES_HASHES,
} from './layout';
import { isInOrder } from './order';
import { addStagedSeries, clearSuspects, compareStagedSeries, mix, suspectCount } from './series';

// What was read and not taken over by the host yet: samples, whose lines are in the arena, their runs, and notes.

/** Where the next line goes in the arena. */
export let position: usize = 0;
export let stagedSamples: u32 = 0;
let stagedRuns: u32 = 0;
export let stagedNotes: u32 = 0;
/** The host's number for the first staged sample. */
let firstSample: u32 = 0;
let runName: u32 = 0;

/** Where the arena begins, which has the rest of the memory. */
export function arenaStart(): usize {
  return __heap_base;
}

export function arenaPosition(): usize {
  return position;
}

export function stagedNoteCount(): u32 {
  return stagedNotes;
}

/** Says where the next line goes. */
export function moveTo(at: usize): void {
  position = at;
}

/** Appends a copy of [start, end), which is in the arena. */
export function appendCopy(start: usize, end: usize): void {
  position = copy(position, start, <u32>(end - start));
}

export function stagedSampleCount(): u32 {
  return stagedSamples;
}

export function stagedRunCount(): u32 {
  return stagedRuns;
}

/** Begins a source; the host counts its samples on from `sample`. */
export function startStaging(sample: u32): void {
  firstSample = sample;
  stagedSamples = 0;
  clearStaged();
}

/** Looks for staged samples that may have been there before, and returns how many these are; the source may have no others. */
export function findSuspects(isWholeSource: bool): u32 {
  if (isWholeSource) compareStagedSeries(stagedSamples, firstSample);
  else addStagedSeries(stagedSamples, firstSample);
  return suspectCount;
}

/** Forgets the staged samples: the host has taken them over. */
export function clearStaged(): void {
  firstSample += stagedSamples;
  stagedSamples = 0;
  runName = 0;
  clearSuspects();
  stagedRuns = 0;
  stagedNotes = 0;
}

/** Notes that the known line of metadata stands here, behind the runs that there are. */
export function stageNote(line: u32): void {
  store<u32>(NOTES + (stagedNotes << 3), line);
  store<u32>(NOTES + (stagedNotes << 3), stagedRuns, 4);
  stagedNotes++;
}

/** Takes in a line that is in the arena, up to `end`, as the next sample: one that the host has written. */
export function commit(
  name: u32,
  hostHash: u32,
  end: usize,
  labels: u32,
  bounds: u32,
  marks: u32,
  milliseconds: f64,
  le: f64,
): void {
  stage(name, hostHash, end, labels, bounds, marks, milliseconds, le);
}

/** Takes in the line that the scan has written at `position`, up to `end`, as the next sample. */
// @ts-expect-error: a decorator on a function
@inline
export function stage(
  name: u32,
  hostHash: u32,
  end: usize,
  labels: u32,
  bounds: u32,
  marks: u32,
  milliseconds: f64,
  le: f64,
): void {
  const sample = stagedSamples++;
  let flags = marks;
  let series = mix(hostHash + labels);
  if ((flags & HAS_TIMESTAMP) != 0) series = mix(series ^ hashOfTime(milliseconds));
  store<u32>(SERIES_HASHES + (sample << 2), series);
  if ((flags & (HAS_LE | HAS_BAD_LE)) == HAS_LE) {
    if (!isInOrder(name, labels - bounds, le, flags, milliseconds)) flags |= IS_OUT_OF_ORDER;
  }
  if (name != runName) {
    runName = name;
    store<u32>(RUN_NAMES + (stagedRuns << 2), name);
    store<u32>(RUN_FIRST_SAMPLES + (stagedRuns << 2), sample);
    store<u16>(RUN_FLAGS + (stagedRuns << 1), <u16>flags);
    stagedRuns++;
  } else {
    const all = RUN_FLAGS + (stagedRuns << 1) - 2;
    store<u16>(all, <u16>(load<u16>(all) | flags));
  }
  store<u32>(LINE_STARTS + (sample << 2), <u32>position);
  store<u32>(LABEL_HASHES + (sample << 2), labels);
  store<u32>(BOUND_HASHES + (sample << 2), bounds);
  store<u16>(FLAGS + (sample << 1), <u16>flags);
  store<f64>(MILLISECONDS + (sample << 3), milliseconds);
  position = end;
}

function hashOfTime(milliseconds: f64): u32 {
  const bits = reinterpret<u64>(milliseconds);
  return mix(<u32>bits) ^ <u32>(bits >> 32);
}
