import {
  collectDeclaredFamilies,
  findTypeConflicts,
} from '../../../../../src/domain/exposition/families/declared-families.ts';
import { sourceFamilies } from '../../../../support/exposition/source-families.ts';

describe('findTypeConflicts', () => {
  it.each([
    [['gauge x', 'counter x', 'gauge x'], 'text', [{ family: 'x', types: ['gauge', 'counter'] }]],
    [['gauge x', 'untyped x'], 'text', []],
    [['gauge x', 'counter x_total'], 'openmetrics', []],
    [['om: counter x', 'gauge x_total'], 'openmetrics', [{ family: 'x_total', types: ['counter', 'gauge'] }]],
    [['om: info x', 'gauge x_info'], 'text', []],
    [['om: info x', 'gauge x_info'], 'openmetrics', [{ family: 'x_info', types: ['info', 'gauge'] }]],
  ] as const)('%j in %s', (sources, output, conflicts) => {
    expect(findTypeConflicts(collectDeclaredFamilies(sources.map(sourceFamilies), output))).toEqual(
      conflicts,
    );
  });
});
