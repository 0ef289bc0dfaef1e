import type {
  Declaration,
  SourceFamilies,
} from '../../../src/domain/exposition/families/declared-families.ts';
import { parseMetricType } from '../../../src/domain/exposition/type-word.ts';

/** `gauge x` declares, `x` is a sample name; `om:` and `own:` before all tell the kind of source. */
export function sourceFamilies(text: string): SourceFamilies {
  const [, flag, rest = ''] = /^(?:(om|own): ?)?(.*)$/.exec(text) ?? [];
  const syntax = flag === 'om' ? 'openmetrics' : 'text';
  const entries = rest
    .split(', ')
    .filter((entry) => entry !== '')
    .map((entry): Declaration | string => {
      const [word = '', name, help = ''] = entry.split(' ');
      if (name === undefined) return word;
      return { name, type: parseMetricType(word, syntax), help, unit: '' };
    });
  return { syntax, isOwn: flag === 'own', entries };
}
