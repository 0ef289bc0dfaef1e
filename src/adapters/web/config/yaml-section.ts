import { LineCounter, parseDocument } from 'yaml';

const MAX_SYNTAX_MISTAKES = 5;
const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  on: true,
  off: false,
};

/**
 * One mapping of a YAML file. Its getters collect mistakes instead of throwing, so that all mistakes of a file are reported at
 * once. Every scalar is text as written (`no` and `007` stay user names); an empty value or `null` counts as absent.
 */
export class YamlSection {
  readonly #path: string;
  readonly #entries: ReadonlyMap<unknown, unknown>;
  readonly #mistakes: string[];
  readonly #known = new Set<unknown>();

  constructor(path: string, entries: ReadonlyMap<unknown, unknown>, mistakes: string[]) {
    this.#path = path;
    this.#entries = entries;
    this.#mistakes = mistakes;
  }

  /** The text of `key`. */
  text(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === 'string') return value;
    this.mistake(key, 'must be text');
    return undefined;
  }

  flag(key: string): boolean | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const flag = FLAGS[text.toLowerCase()];
    if (flag === undefined) this.mistake(key, `"${text}" is neither true nor false`);
    return flag;
  }

  /** The entry of `choices` that the value of `key` names. */
  choice<T>(key: string, choices: Readonly<Record<string, T>>): T | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.#choose(key, text, choices);
  }

  list(key: string): readonly string[] | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.mistake(key, 'must be a list of texts');
    return undefined;
  }

  choices<T>(key: string, choices: Readonly<Record<string, T>>): readonly T[] | undefined {
    return this.list(key)
      ?.map((item) => this.#choose(key, item, choices))
      .filter((item) => item !== undefined);
  }

  /** The mapping under `key`; an empty one if there is none. */
  section(key: string): YamlSection {
    const value = this.#value(key);
    const path = this.#where(key);
    if (value instanceof Map) return new YamlSection(path, value, this.#mistakes);
    if (value !== undefined) this.mistake(key, 'must be a mapping');
    return new YamlSection(path, new Map(), this.#mistakes);
  }

  /** All entries, for a mapping whose keys are chosen by the user. */
  texts(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const key of this.#entries.keys()) {
      if (typeof key !== 'string') this.mistake('', 'a key must be text');
      else texts.set(key, this.text(key) ?? '');
    }
    return texts;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  mistake(key: string, text: string): void {
    this.#mistakes.push(`${this.#where(key)}: ${text}`);
  }

  /** Reports the keys that have not been read. Call it after reading all known ones. */
  refuseUnknown(): void {
    const known = [...this.#known].join(', ');
    for (const key of this.#entries.keys()) {
      if (!this.#known.has(key)) this.mistake(String(key), `unknown key; known here: ${known}`);
    }
  }

  #choose<T>(key: string, text: string, choices: Readonly<Record<string, T>>): T | undefined {
    if (Object.hasOwn(choices, text)) return choices[text];
    this.mistake(key, `"${text}" is none of ${Object.keys(choices).join(', ')}`);
    return undefined;
  }

  #value(key: string): unknown {
    this.#known.add(key);
    const value = this.#entries.get(key);
    return value === '' || value === '~' || value === 'null' ? undefined : value;
  }

  /** Cut at a colon or dollar sign: no known key has one, but a password or hash that was written into the key by mistake has. */
  #where(key: string): string {
    return [this.#path, key.replace(/[:$].*$/s, '…')].filter((part) => part !== '').join('.');
  }
}

/**
 * Parses one YAML document that is a mapping (or empty). Adds syntax errors, also duplicate keys, to `mistakes` with their line
 * number, never with the surrounding text: it may be a private key or a password hash.
 */
export function parseYamlMapping(text: string, mistakes: string[]): YamlSection | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, lineCounter });
  for (const error of document.errors.slice(0, MAX_SYNTAX_MISTAKES)) {
    const [message = ''] = error.message.split(': ', 1);
    mistakes.push(`line ${lineCounter.linePos(error.pos[0]).line}: ${message}`);
  }
  if (document.errors.length > 0) return undefined;
  const root = toValue(document, mistakes);
  if (root === null || root === '') return new YamlSection('', new Map(), mistakes);
  if (root instanceof Map) return new YamlSection('', root, mistakes);
  if (mistakes.length === 0) mistakes.push('the file must be a mapping, such as "tls_server_config: …"');
  return undefined;
}

function toValue(document: ReturnType<typeof parseDocument>, mistakes: string[]): unknown {
  try {
    return document.toJS({ mapAsMap: true });
  } catch {
    mistakes.push('an alias (*name) has no anchor or expands too far');
    return undefined;
  }
}
