import { escapedLabelValue, unescapedLabelValue } from '../../../domain/exposition/escape.ts';
import type { Syntax, OutputFormat } from '../../../domain/exposition/format.ts';
import {
  exportedName,
  isClassicLabelName,
  isClassicMetricName,
  MAX_ESCAPED_ASIDE,
  underscoredLabelName,
} from '../../../domain/exposition/name.ts';
import { fitsText, millisecondsOf, secondsFromMilliseconds } from '../../../domain/exposition/timestamp.ts';
import type { IdentityLabel, IdentityLabels } from '../samples/identity-labels.ts';
import {
  canonicalValue,
  type ParsedExemplar,
  type ParsedLabel,
  type ParsedSample,
} from '../lines/parsed-sample.ts';
import { MAX_EXEMPLAR_CHARACTERS } from './span-line.ts';
import { writtenMetricName, writtenName } from '../samples/spelling.ts';

/** A sample as it goes out; strings have one character per byte. */
export interface RelabelledSample {
  readonly name: string;
  /** Written names (quoted where they must be) and escaped values; the identity's first. */
  readonly labels: readonly IdentityLabel[];
  /** Value, timestamp and exemplar with the space before each. */
  readonly tail: string;
  /** Canonical: whole milliseconds. */
  readonly milliseconds: string | undefined;
  readonly hasExemplar: boolean;
  /** It had an exemplar that can't go out. */
  readonly hasLostExemplar: boolean;
}

/** What becomes of a sample that has been taken apart: its labels, names, timestamp and exemplar in the output's format. */
export class SampleRelabeler {
  readonly #output: OutputFormat;
  readonly #honorsLabels: boolean;
  readonly #input: Syntax;
  readonly #identity: IdentityLabels;

  constructor(output: OutputFormat, honorsLabels: boolean, input: Syntax, identity: IdentityLabels) {
    this.#output = output;
    this.#honorsLabels = honorsLabels;
    this.#input = input;
    this.#identity = identity;
  }

  /** Undefined where the output's format can't hold the timestamp, or the label names by their escapes. */
  relabel(sample: ParsedSample): RelabelledSample | undefined {
    const name = writtenMetricName(sample.name, this.#output.names);
    const { timestamp } = sample;
    const isText = this.#output.syntax === 'text';
    const milliseconds = timestamp === undefined ? undefined : millisecondsOf(timestamp, this.#input);
    if (milliseconds !== undefined && isText && !fitsText(milliseconds)) return undefined;
    const labels = this.#labels(sample.labels);
    if (labels === undefined) return undefined;
    const exemplar = isText ? undefined : sample.exemplar;
    const exemplarText = exemplar === undefined ? undefined : this.#exemplar(name, exemplar);
    return {
      name,
      labels,
      tail: ` ${sample.value}${this.#timestamp(timestamp, milliseconds)}${exemplarText ?? ''}`,
      milliseconds,
      hasExemplar: exemplarText !== undefined,
      hasLostExemplar: exemplar !== undefined && exemplarText === undefined,
    };
  }

  #timestamp(timestamp: string | undefined, milliseconds: string | undefined): string {
    if (timestamp === undefined || milliseconds === undefined) return '';
    if (this.#input === this.#output.syntax) return ` ${timestamp}`;
    return ` ${this.#output.syntax === 'text' ? milliseconds : secondsFromMilliseconds(timestamp)}`;
  }

  /**
   * Prometheus' rule for labels that conflict with the target's (scrape configuration, `honor_labels`); a label that gets
   * another one's name by being escaped gives way like one that has an identity label's name. Undefined where too many do.
   */
  #labels(own: readonly ParsedLabel[]): IdentityLabel[] | undefined {
    const spelled = own.map(({ name, value }) => ({ name: this.#labelName(name), value, original: name }));
    const ownNames = new Set(spelled.map(({ name }) => name));
    const identity = this.#identity.labels.filter(({ name }) => !this.#honorsLabels || !ownNames.has(name));
    const identityNames = new Set(identity.map(({ name }) => name));
    const staying = spelled.filter(({ name, value, original }) => value !== '' && name === original);
    const taken = new Set([...identityNames, ...staying.map(({ name }) => name)]);
    let escapedAside = 0;
    const labels: IdentityLabel[] = [...identity];
    for (const { name, value, original } of spelled) {
      const gives = identityNames.has(name) || (name !== original && taken.has(name));
      if (gives && value === '') continue;
      if (gives && name !== original && ++escapedAside > MAX_ESCAPED_ASIDE) return undefined;
      const free = gives ? exportedName(name, (other) => taken.has(other)) : name;
      if (value !== '') taken.add(free);
      labels.push({ name: free, value: canonicalValue(value) });
    }
    return withoutEmptyTwins(labels).map(({ name, value }) => ({ name: writtenName(name), value }));
  }

  #labelName(name: string): string {
    if (this.#output.names === 'allow-utf-8' || isClassicLabelName(name)) return name;
    return underscoredLabelName(Buffer.from(name, 'latin1').toString());
  }

  /** ` # {…} value timestamp`, or undefined where OpenMetrics has no place for it (section "Exemplars"). */
  #exemplar(sampleName: string, { labels, value, timestamp }: ParsedExemplar): string | undefined {
    if (!/_(?:total|bucket)$/.test(sampleName)) return undefined;
    const characters = labels.reduce((sum, label) => sum + countCharacters(label), 0);
    if (characters > MAX_EXEMPLAR_CHARACTERS) return undefined;
    const names = labels.map(({ name }) => this.#labelName(name));
    if (new Set(names).size < names.length) return undefined;
    const texts = labels.map((label, i) => `${writtenName(names[i] ?? '')}="${canonicalValue(label.value)}"`);
    return ` # {${texts.join()}} ${value}${timestamp === undefined ? '' : ` ${timestamp}`}`;
  }
}

/** An empty label is the same as none, so it goes where its name is another label's as well. */
function withoutEmptyTwins(labels: readonly IdentityLabel[]): readonly IdentityLabel[] {
  if (!labels.some(({ value }) => value === '')) return labels;
  const uses = new Map<string, number>();
  for (const { name } of labels) uses.set(name, (uses.get(name) ?? 0) + 1);
  return labels.filter(({ name, value }) => value !== '' || uses.get(name) === 1);
}

/** The whole line. */
export function lineOf({ name, labels, tail }: RelabelledSample): string {
  const texts = labels.map((label) => `${label.name}="${label.value}"`);
  if (isClassicMetricName(name)) return `${name}${texts.length === 0 ? '' : `{${texts.join()}}`}${tail}\n`;
  return `{${[`"${escapedLabelValue(name)}"`, ...texts].join()}}${tail}\n`;
}

function countCharacters({ name, value }: ParsedLabel): number {
  const text = name + unescapedLabelValue(value);
  return Array.from(Buffer.from(text, 'latin1').toString()).length;
}
