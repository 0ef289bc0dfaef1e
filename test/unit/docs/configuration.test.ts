import { readTargetOptions } from '../../../src/adapters/docker/discovery/target-option-labels.ts';
import { VARIABLES, type Variable } from '../../../src/infrastructure/config/schema.ts';
import { IDENTITY_LABEL_NAMES } from '../../../src/domain/targets/identity.ts';
import { readDocument, tableRows } from '../../support/markdown.ts';

const text = readDocument('docs/configuration.md');
const rows = tableRows(text).filter(([name = '']) => /^`[A-Z_]+`$/.test(name));

function written(value: string | null): string {
  return value === null ? 'none' : `\`${value}\``;
}

describe('docs/configuration.md', () => {
  it('has each variable once, and no other', () => {
    expect(rows.map(([name]) => name).sort()).toEqual(
      Object.keys(VARIABLES)
        .map((name) => `\`${name}\``)
        .sort(),
    );
  });

  it.each(Object.entries<Variable>(VARIABLES))('has the default of %s', (name, { default: value }) => {
    expect(rows.find(([shown]) => shown === `\`${name}\``)?.[1]).toBe(written(value));
  });

  it.each(Object.entries<Variable>(VARIABLES))('has the words that %s takes', (name, { format }) => {
    const words = typeof format === 'string' ? SWITCHES[format] : format;
    const form = rows.find(([shown]) => shown === `\`${name}\``)?.[2] ?? '';
    if (words === undefined) expect(form).not.toBe('');
    else expect([...form.matchAll(/`(\w+)`/g)].map(([, word]) => word)).toEqual([...words]);
  });

  it('has each option label', () => {
    const shown = tableRows(text).flatMap(
      ([name = '']) => /^`container-exposes-metrics\.(.+)`$/.exec(name)?.[1] ?? [],
    );
    const [warning = ''] = readTargetOptions(
      { 'container-exposes-metrics.unknown': '' },
      'container-exposes-metrics',
    ).warnings;
    const known = [...warning.matchAll(/container-exposes-metrics\.([\w-]+)/g)]
      .map(([, name]) => name)
      .slice(1);
    expect(known).not.toEqual([]);
    expect(shown).toEqual(known);
  });

  it('names the identity labels', () => {
    const meaning = rows.find(([name]) => name === '`IDENTITY_LABELS`')?.[3] ?? '';
    expect([...meaning.matchAll(/`(\w+)`/g)].map(([, word]) => word)).toEqual([...IDENTITY_LABEL_NAMES]);
  });
});

const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  switch: ['on', 'off'],
  'boolean-word': ['true', 'false'],
};
