import type { SourceFamilies } from '../../../../../src/domain/exposition/families/declared-families.ts';
import type { FitsType } from '../../../../../src/domain/exposition/families/family-plan.ts';
import { RepeatedPlan } from '../../../../../src/domain/exposition/families/repeated-plan.ts';

function source(name: string, type: 'histogram' | 'gauge'): SourceFamilies {
  const suffixes = type === 'gauge' ? [''] : ['_bucket', '_sum', '_count'];
  const declaration = { name, type, help: 'What it says.', unit: '' };
  return {
    syntax: 'text',
    isOwn: false,
    entries: [declaration, ...suffixes.map((suffix) => name + suffix)],
  };
}

describe('RepeatedPlan', () => {
  const SOURCES = [source('x', 'histogram'), source('y', 'gauge')];
  const allFit: FitsType = () => true;
  const typesOf = (repeated: RepeatedPlan, sources: readonly SourceFamilies[], fits: FitsType): string[] =>
    repeated
      .plan(repeated.declare(sources, 'openmetrics'), fits)
      .families.map(({ name, type }) => `${name} ${type}`);

  it('is the same object for the same lists, and asks about all families again', () => {
    const repeated = new RepeatedPlan();
    const asked: string[] = [];
    const plan = (): unknown =>
      repeated.plan(repeated.declare([...SOURCES], 'openmetrics'), ({ name }) => {
        asked.push(name);
        return true;
      });
    const first = plan();
    const askedFirst = asked.splice(0);
    expect(plan()).toBe(first);
    expect(asked).toEqual(askedFirst);
  });

  it('is made anew where samples no longer fit, and where they fit again', () => {
    const repeated = new RepeatedPlan();
    const whole = ['x histogram', 'y gauge'];
    expect(typesOf(repeated, SOURCES, allFit)).toEqual(whole);
    expect(typesOf(repeated, SOURCES, ({ type }) => type !== 'histogram')).toEqual([
      'x_bucket unknown',
      'x_sum unknown',
      'x_count unknown',
      'y gauge',
    ]);
    expect(typesOf(repeated, SOURCES, allFit)).toEqual(whole);
  });

  it.each<[what: string, others: readonly SourceFamilies[], types: readonly string[]]>([
    ['other lists', [source('x', 'histogram'), source('y', 'histogram')], ['x histogram', 'y histogram']],
    ['another order', SOURCES.toReversed(), ['y gauge', 'x histogram']],
    ['fewer sources', SOURCES.slice(1), ['y gauge']],
  ])('is made anew for %s', (_, others, types) => {
    const repeated = new RepeatedPlan();
    typesOf(repeated, SOURCES, allFit);
    expect(typesOf(repeated, others, allFit)).toEqual(types);
  });

  it('is made anew for another syntax, and for a source that becomes our own', () => {
    const repeated = new RepeatedPlan();
    const declared = repeated.declare(SOURCES, 'openmetrics');
    expect(repeated.declare(SOURCES, 'text')).not.toBe(declared);
    const own = SOURCES.map((one) => ({ ...one, isOwn: true }));
    const notOwn = repeated.declare(SOURCES, 'openmetrics');
    expect(repeated.declare(own, 'openmetrics')).not.toBe(notOwn);
  });
});
