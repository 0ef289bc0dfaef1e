import { escapedHelp, escapedLabelValue } from '../../../src/domain/exposition/escape.ts';
import {
  collectDeclaredFamilies,
  findTypeConflicts,
  type DeclaredFamilies,
  type Declaration,
  type SourceFamilies,
} from '../../../src/domain/exposition/families/declared-families.ts';
import { planFamilies, type PlannedFamily } from '../../../src/domain/exposition/families/family-plan.ts';
import { inputSyntaxOf, type Syntax } from '../../../src/domain/exposition/format.ts';
import { allowsExemplar } from '../../../src/domain/exposition/metric-type.ts';
import {
  exportedName,
  isClassicLabelName,
  isClassicMetricName,
  MAX_ESCAPED_ASIDE,
  underscoredLabelName,
  underscoredMetricName,
} from '../../../src/domain/exposition/name.ts';
import { failure } from '../../../src/domain/fetching/failure.ts';
import type {
  ExpositionSource,
  Merge,
  MergedExposition,
  MergeOptions,
  MetricsRelabeler,
  SourceReport,
} from '../../../src/domain/exposition/metrics-relabeler.ts';
import type { TypeConflict } from '../../../src/domain/exposition/families/type-conflict.ts';
import { metricTypeWord } from '../../../src/domain/exposition/type-word.ts';
import { fitsType, inGroups } from './reference-groups.ts';
import {
  ReferenceParser,
  type ReferenceExemplar,
  type ReferenceMetadata,
  type ReferenceSample,
} from './reference-parser.ts';

/** A sample on its way out; names and values are real strings. */
export interface OutSample {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: string;
  /** As it is written. */
  readonly timestamp: string | undefined;
  /** In milliseconds, cut. */
  readonly milliseconds: bigint | undefined;
  readonly exemplar: string | undefined;
  readonly isOwn: boolean;
}

interface Source {
  readonly rank: number;
  readonly isOwn: boolean;
  readonly families: SourceFamilies;
  readonly samples: readonly OutSample[];
}

/**
 * The relabeler as one would write it who minds nothing but being right: every sample an object, every step over all of
 * them. The engine must answer with the same bytes. Which families there are is the domain's decision in both.
 */
export class ReferenceMetricsRelabeler implements MetricsRelabeler {
  start(options: MergeOptions): Merge {
    return new ReferenceMerge(options);
  }
}

class ReferenceMerge implements Merge {
  readonly #options: MergeOptions;
  readonly #output: Syntax;
  readonly #sources: Source[] = [];
  #unrepresentable = 0;

  constructor(options: MergeOptions) {
    this.#options = options;
    this.#output = options.format.syntax;
  }

  add(source: ExpositionSource): SourceReport {
    const syntax = inputSyntaxOf(source.contentType);
    if (syntax === undefined) return failure('unsupported_content_type', '');
    const body = source.body instanceof Uint8Array ? source.body : source.body.bytes();
    let parsed: (ReferenceSample | ReferenceMetadata)[];
    try {
      parsed = new ReferenceParser(body, syntax).parse();
    } catch {
      return failure('malformed', '');
    }
    const samples = parsed.filter((entry) => entry.kind === 'sample');
    if (source.sampleLimit > 0 && samples.length > source.sampleLimit) return failure('too_many_samples', '');
    const out = samples.map((sample) => this.#relabel(sample, source, syntax));
    const lost = new Set(samples.filter((_, i) => out[i]?.sample === undefined));
    this.#unrepresentable += out.filter(({ isLost }) => isLost).length;
    this.#sources.push({
      rank: source.rank,
      isOwn: source.isOwn === true,
      families: {
        syntax,
        isOwn: source.isOwn === true,
        entries: this.#entries(parsed.filter((entry) => entry.kind === 'metadata' || !lost.has(entry))),
      },
      samples: out.flatMap(({ sample }) => (sample === undefined ? [] : [sample])),
    });
    return { ok: true, samples: samples.length };
  }

  typeConflicts(): readonly TypeConflict[] {
    return findTypeConflicts(this.#declaredFamilies());
  }

  finish(): MergedExposition {
    const sources = this.#inOrder();
    const { unique, duplicateSamples } = withoutDuplicates(sources.flatMap(({ samples }) => samples));
    const timed = this.#output === 'openmetrics' ? withoutTimedTwins(unique) : unique;
    const samplesOf = (samples: readonly OutSample[], { sampleNames }: PlannedFamily): OutSample[] =>
      samples.filter(({ name }) => sampleNames.includes(name));
    const plan = planFamilies(this.#declaredFamilies(), (family) =>
      fitsType(family, samplesOf(timed, family), this.#output),
    );
    const placed = timed.filter(
      ({ name, isOwn }) => !plan.unplaceable.includes(name) && (isOwn || !plan.ownOnly.includes(name)),
    );
    this.#unrepresentable += unique.length - placed.length;
    let lines = '';
    for (const family of plan.families) {
      lines += this.#metadata(family);
      const samples = samplesOf(placed, family);
      for (const sample of this.#output === 'text' ? samples : inGroups(family, samples)) {
        const hasPlace = sample.exemplar === undefined || allowsExemplar(family.type, sample.name);
        if (!hasPlace) this.#unrepresentable++;
        lines += line(sample, hasPlace ? (sample.exemplar ?? '') : '');
      }
    }
    const bytes = Buffer.from(this.#output === 'text' ? lines : `${lines}# EOF\n`);
    return {
      contentType: this.#options.format.contentType,
      chunks: [bytes],
      byteLength: bytes.length,
      duplicateSamples,
      unrepresentable: this.#unrepresentable,
      release: () => undefined,
    };
  }

  discard(): void {
    this.#sources.length = 0;
  }

  #declaredFamilies(): DeclaredFamilies {
    return collectDeclaredFamilies(
      this.#inOrder().map(({ families }) => families),
      this.#output,
    );
  }

  #inOrder(): Source[] {
    return this.#sources.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.rank - b.rank);
  }

  #entries(parsed: readonly (ReferenceSample | ReferenceMetadata)[]): (Declaration | string)[] {
    const merged = new Map<string, Declaration | string>();
    for (const entry of parsed) {
      const name = this.#metricName(entry.name);
      if (entry.kind === 'sample') merged.set(`sample ${name}`, name);
      else {
        const before = merged.get(`family ${name}`);
        const known = typeof before === 'object' ? before : undefined;
        const isTyped = known?.type !== undefined && known.type !== 'unknown';
        merged.set(`family ${name}`, {
          name,
          type: isTyped ? known.type : (entry.type ?? known?.type),
          help: firstOf(known?.help, entry.help),
          unit: firstOf(known?.unit, decoded(entry.unit ?? '')),
        });
      }
    }
    return [...merged.values()];
  }

  #relabel(
    sample: ReferenceSample,
    source: ExpositionSource,
    syntax: Syntax,
  ): { readonly sample: OutSample | undefined; readonly isLost: boolean } {
    const name = this.#metricName(sample.name);
    const milliseconds =
      sample.timestamp === undefined ? undefined : millisecondsOf(sample.timestamp, syntax === 'text');
    if (
      this.#output === 'text' &&
      milliseconds !== undefined &&
      (milliseconds < 0n || milliseconds >= 2n ** 63n)
    ) {
      return { sample: undefined, isLost: true };
    }
    const timestamp =
      milliseconds === undefined || syntax === this.#output
        ? sample.timestamp
        : this.#output === 'text'
          ? String(milliseconds)
          : seconds(milliseconds);
    const exemplar = this.#output === 'text' ? undefined : sample.exemplar;
    const exemplarText = exemplar === undefined ? undefined : this.#exemplar(name, exemplar);
    const labels = this.#labels(sample, source);
    if (labels === undefined) return { sample: undefined, isLost: true };
    return {
      sample: {
        name,
        labels,
        value: sample.value,
        timestamp,
        milliseconds,
        exemplar: exemplarText,
        isOwn: source.isOwn === true,
      },
      isLost: exemplar !== undefined && exemplarText === undefined,
    };
  }

  #labels(
    sample: ReferenceSample,
    source: ExpositionSource,
  ): readonly (readonly [string, string])[] | undefined {
    const own = sample.labels.map(([name, value]) => ({
      name: this.#labelName(name),
      value: decoded(value),
      stays: this.#labelName(name) === decoded(name),
    }));
    const identity = source.labels
      .filter(({ value }) => value !== '')
      .filter(({ name }) => !this.#options.honorsLabels || !own.some((label) => label.name === name));
    const identityNames = identity.map(({ name }) => name);
    const result = identity.map(({ name, value }) => [name, value] as [string, string]);
    const isTaken = (name: string): boolean =>
      result.some(([other, value]) => other === name && value !== '') ||
      own.some(
        (label) => label.stays && label.name === name && label.value !== '' && !identityNames.includes(name),
      );
    let escapedAside = 0;
    for (const { name, value, stays } of own) {
      const gives = identityNames.includes(name) || (!stays && isTaken(name));
      if (gives && value === '') continue;
      if (gives && !stays) escapedAside++;
      result.push([
        gives ? exportedName(name, (free) => isTaken(free) || identityNames.includes(free)) : name,
        value,
      ]);
    }
    if (escapedAside > MAX_ESCAPED_ASIDE) return undefined;
    return result.filter(
      ([name, value], at) => value !== '' || !result.some(([other], i) => i !== at && other === name),
    );
  }

  #exemplar(sampleName: string, { labels, value, timestamp }: ReferenceExemplar): string | undefined {
    const characters = labels.reduce(
      (sum, [name, text]) => sum + Array.from(decoded(name) + decoded(text)).length,
      0,
    );
    const names = labels.map(([name]) => this.#labelName(name));
    const hasPlace = sampleName.endsWith('_total') || sampleName.endsWith('_bucket');
    if (!hasPlace || characters > 128 || new Set(names).size < names.length) return undefined;
    const written = labels.map(([name, text]) => [this.#labelName(name), decoded(text)] as const);
    return ` # {${labelText(written)}} ${value}${timestamp === undefined ? '' : ` ${timestamp}`}`;
  }

  #metricName(name: string): string {
    const text = decoded(name);
    return this.#options.format.names === 'allow-utf-8' ? text : underscoredMetricName(text);
  }

  #labelName(name: string): string {
    const text = decoded(name);
    return this.#options.format.names === 'allow-utf-8' ? text : underscoredLabelName(text);
  }

  #metadata({ name, type, help, unit }: PlannedFamily): string {
    const written = isClassicMetricName(name) ? name : `"${escapedLabelValue(name)}"`;
    const helpLine = help === '' ? '' : `# HELP ${written} ${escapedHelp(help, this.#output)}\n`;
    const unitLine = unit === '' || this.#output === 'text' ? '' : `# UNIT ${written} ${unit}\n`;
    return `${helpLine}# TYPE ${written} ${metricTypeWord(type, this.#output)}\n${unitLine}`;
  }
}

function line({ name, labels, value, timestamp }: OutSample, exemplar: string): string {
  const tail = ` ${value}${timestamp === undefined ? '' : ` ${timestamp}`}${exemplar}\n`;
  if (!isClassicMetricName(name)) {
    const quoted = `"${escapedLabelValue(name)}"`;
    return `{${[quoted, ...(labels.length === 0 ? [] : [labelText(labels)])].join()}}${tail}`;
  }
  return `${name}${labels.length === 0 ? '' : `{${labelText(labels)}}`}${tail}`;
}

function labelText(labels: readonly (readonly [string, string])[]): string {
  return labels
    .map(([name, value]) => {
      const written = isClassicLabelName(name) ? name : `"${escapedLabelValue(name)}"`;
      return `${written}="${escapedLabelValue(value)}"`;
    })
    .join();
}

function seriesOf({ name, labels }: OutSample): string {
  const present = labels.filter(([, value]) => value !== '').map((pair) => JSON.stringify(pair));
  return JSON.stringify([name, present.sort()]);
}

/** A series that has a sample without a timestamp keeps none with one. */
function withoutTimedTwins(samples: readonly OutSample[]): readonly OutSample[] {
  const untimed = new Set(samples.filter(({ milliseconds }) => milliseconds === undefined).map(seriesOf));
  return samples.filter((sample) => sample.milliseconds === undefined || !untimed.has(seriesOf(sample)));
}

function withoutDuplicates(samples: readonly OutSample[]): { unique: OutSample[]; duplicateSamples: number } {
  const seen = new Set<string>();
  const unique = samples.filter((sample) => {
    const key = `${seriesOf(sample)} ${sample.milliseconds === undefined ? 'none' : String(sample.milliseconds)}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return { unique, duplicateSamples: samples.length - unique.length };
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

function firstOf(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? '';
}

/** Exact, by rational arithmetic. */
function millisecondsOf(timestamp: string, isText: boolean): bigint {
  if (isText) return BigInt(timestamp);
  const [mantissa = '', exponent = '0'] = timestamp.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const shift = Number(exponent) + 3 - fraction.length;
  const digits = BigInt(`0${whole}${fraction}`);
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return timestamp.startsWith('-') ? -size : size;
}

function seconds(milliseconds: bigint): string {
  const fraction = String(milliseconds % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${milliseconds / 1000n}${fraction === '' ? '' : `.${fraction}`}`;
}
