import { byteAt, COLON, hashOf, isNameByte, UNDERSCORE, ZERO } from '../memory/bytes';
import { keepScratch, scratchEnd } from '../memory/input';
import {
  IS_LEFT_OUT,
  IS_NAME_TAKEN,
  IS_QUOTED,
  IS_RESPELLED,
  Label,
  labelAt,
  labelCount,
} from '../memory/label';
import { NEW_NAMES, OWN_NAMES } from '../memory/layout';
import { addName, clearSet, findName } from '../memory/name-set';
import { fail, METRIC_NAME_LABEL, TWICE_THE_LABEL } from '../grammar/faults';
import { isIdentity, keepAll, yieldTo } from './identity';
import { isCanonical } from '../grammar/label-block';
import { isContinuation } from '../grammar/utf8';

const METRIC_NAME = memory.data<u8>([0x5f, 0x5f, 0x6e, 0x61, 0x6d, 0x65, 0x5f, 0x5f]);
const EXPORTED = memory.data<u8>([0x65, 0x78, 0x70, 0x6f, 0x72, 0x74, 0x65, 0x64, 0x5f]);
const EXPORTED_LENGTH: usize = 9;
/** As in name.ts of the domain. */
const MAX_ESCAPED_ASIDE: u32 = 8;

let writesUnderscores: bool = false;
let honorsLabels: bool = false;
let ownMask: u32 = 0;
let newMask: u32 = 0;

/** Says how names go out, and whether labels of a target's own stay against the identity's. */
export function setNaming(underscores: bool, honors: bool): void {
  writesUnderscores = underscores;
  honorsLabels = honors;
}

/** Refuses the line, returning 0, where two labels have one name, or a label stands for the metric's. */
export function checkNames(at: usize): usize {
  // The order is of no matter but for the words.
  if (!isCanonical && hasMetricNameLabel()) return fail(METRIC_NAME_LABEL, at);
  ownMask = clearSet(OWN_NAMES, labelCount);
  for (let i: u32 = 0; i < labelCount; i++) {
    if (addName(OWN_NAMES, ownMask, changetype<usize>(labelAt(i))) != 0) return fail(TWICE_THE_LABEL, at);
  }
  return hasMetricNameLabel() ? fail(METRIC_NAME_LABEL, at) : at;
}

function hasMetricNameLabel(): bool {
  for (let i: u32 = 0; i < labelCount; i++) {
    const label = labelAt(i);
    if (isMetricName(label.nameStart, label.nameEnd)) return true;
  }
  return false;
}

export function isMetricName(start: usize, end: usize): bool {
  return end - start == 8 && load<u64>(start) == load<u64>(METRIC_NAME);
}

/**
 * Gives every label the name that it goes out with, by Prometheus' rule for labels that conflict with the target's (scrape
 * configuration, `honor_labels`). A label that gets another one's name by being spelled with underscores gives way like one that
 * has an identity label's name. False where too many of those do: the sample can't go out.
 */
export function nameLabels(): bool {
  let hasConflict = false;
  keepAll();
  for (let i: u32 = 0; i < labelCount; i++) {
    const label = labelAt(i);
    spell(label);
    if ((label.flags & IS_RESPELLED) != 0 || isIdentity(label.newStart, label.newEnd, label.newHash)) hasConflict = true;
  }
  return !hasConflict || solveConflicts();
}

function solveConflicts(): bool {
  newMask = clearSet(NEW_NAMES, labelCount);
  if (honorsLabels) {
    for (let i: u32 = 0; i < labelCount; i++) {
      const label = labelAt(i);
      yieldTo(label.newStart, label.newEnd, label.newHash);
    }
  }
  let respelled: u32 = 0;
  for (let i: u32 = 0; i < labelCount; i++) {
    const label = labelAt(i);
    const isRespelled = (label.flags & IS_RESPELLED) != 0;
    const isEmpty = label.valueStart == label.valueEnd;
    const isOurs = isIdentity(label.newStart, label.newEnd, label.newHash);
    if (isOurs || (isRespelled && isTaken(label.newStart, label.newEnd, label.newHash))) {
      if (isEmpty) {
        label.flags |= IS_LEFT_OUT;
        continue;
      }
      if (isRespelled && ++respelled > MAX_ESCAPED_ASIDE) return false;
      moveAside(label);
    }
    addNewName(label, !isEmpty);
  }
  // An empty label is the same as none, so it goes where its name is another label's as well.
  for (let i: u32 = 0; i < labelCount; i++) {
    const label = labelAt(i);
    if (label.valueStart != label.valueEnd || (label.flags & IS_LEFT_OUT) != 0) continue;
    const first = findName(NEW_NAMES, newMask, label.newStart, label.newEnd, label.newHash);
    if (labelOfNewName(first).uses > 1) label.flags |= IS_LEFT_OUT;
  }
  return true;
}

function addNewName(label: Label, hasValue: bool): void {
  const known = addName(NEW_NAMES, newMask, changetype<usize>(label) + offsetof<Label>('newStart'));
  const first = known == 0 ? label : labelOfNewName(known);
  first.uses = known == 0 ? 1 : first.uses + 1;
  if (hasValue) first.flags |= IS_NAME_TAKEN;
}

function labelOfNewName(place: usize): Label {
  return changetype<Label>(place - offsetof<Label>('newStart'));
}

/** Has the identity, a label that keeps its name, or one that has got a new one that name, and a value? */
function isTaken(start: usize, end: usize, hash: u32): bool {
  if (isIdentity(start, end, hash)) return true;
  const own = findName(OWN_NAMES, ownMask, start, end, hash);
  if (own != 0) {
    const label = changetype<Label>(own);
    if ((label.flags & IS_RESPELLED) == 0 && label.valueEnd > label.valueStart) return true;
  }
  const other = findName(NEW_NAMES, newMask, start, end, hash);
  return other != 0 && (labelOfNewName(other).flags & IS_NAME_TAKEN) != 0;
}

/** Prefixes the name by `exported_` until nothing else has it. */
function moveAside(label: Label): void {
  const to = scratchEnd;
  let length = label.newEnd - label.newStart;
  memory.copy(to, label.newStart, length);
  let hash: u32 = 0;
  do {
    memory.copy(to + EXPORTED_LENGTH, to, length);
    memory.copy(to, EXPORTED, EXPORTED_LENGTH);
    length += EXPORTED_LENGTH;
    hash = hashOf(to, to + length, 0);
  } while (isTaken(to, to + length, hash));
  setNewName(label, to, to + length, hash);
}

function setNewName(label: Label, start: usize, end: usize, hash: u32): void {
  label.newStart = start;
  label.newEnd = end;
  label.newHash = hash;
  if (end > scratchEnd) keepScratch(end);
}

/** Spells the label's name as it goes out where nothing else has it. */
export function spell(label: Label): void {
  label.newStart = label.nameStart;
  label.newEnd = label.nameEnd;
  label.newHash = label.nameHash;
  const isFit =
    !writesUnderscores || (label.flags & IS_QUOTED) == 0 || isClassicName(label.nameStart, label.nameEnd, false);
  if (isFit) return;
  label.flags |= IS_RESPELLED;
  const start = scratchEnd;
  let end = writeUnderscored(start, label.nameStart, label.nameEnd, false);
  if (isMetricName(start, end)) {
    memory.copy(start + EXPORTED_LENGTH, start, end - start);
    memory.copy(start, EXPORTED, EXPORTED_LENGTH);
    end += EXPORTED_LENGTH;
  }
  setNewName(label, start, end, hashOf(start, end, 0));
}

/** The name of a metric as it goes out: begins at the place returned, and ends at `spelledEnd`. */
export function spelledName(start: usize, end: usize): usize {
  spelledEnd = end;
  if (!writesUnderscores || isClassicName(start, end, true)) return start;
  const to = scratchEnd;
  spelledEnd = writeUnderscored(to, start, end, true);
  keepScratch(spelledEnd);
  return to;
}

export let spelledEnd: usize = 0;

/** Is it a name that every reader takes without quotes? A metric's may have colons. */
export function isClassicName(start: usize, end: usize, takesColon: bool): bool {
  if (start == end || byteAt(start) - ZERO < 10) return false;
  for (let at = start; at < end; at++) {
    const byte = byteAt(at);
    if (!isNameByte(byte) && !(takesColon && byte == COLON)) return false;
  }
  return true;
}

/** Writes the name with an underscore for each character that a classic one can't have at its place. */
function writeUnderscored(to: usize, start: usize, end: usize, takesColon: bool): usize {
  let out = to;
  for (let at = start; at < end; at++) {
    const byte = byteAt(at);
    if (isContinuation(byte)) continue;
    const isFit = (isNameByte(byte) && !(at == start && byte - ZERO < 10)) || (takesColon && byte == COLON);
    store<u8>(out++, <u8>(isFit ? byte : UNDERSCORE));
  }
  return out;
}
