import {
  collectDeclaredFamilies,
  type Declaration,
  type SourceFamilies,
} from '../../../../../src/domain/exposition/families/declared-families.ts';
import {
  planFamilies,
  type PlannedFamily,
} from '../../../../../src/domain/exposition/families/family-plan.ts';
import { sourceFamilies } from '../../../../support/exposition/source-families.ts';

function shown({ name, type, sampleNames }: PlannedFamily): string {
  return `${type} ${name}: ${sampleNames.join(' ')}`;
}

function plan(sources: readonly string[], output: 'text' | 'openmetrics', misfit = ''): string {
  const { families, unplaceable, ownOnly } = planFamilies(
    collectDeclaredFamilies(sources.map(sourceFamilies), output),
    ({ name }) => name !== misfit,
  );
  const odd = [...unplaceable.map((name) => `nowhere: ${name}`), ...ownOnly.map((name) => `ours: ${name}`)];
  return [...families.map(shown), ...odd].join('; ');
}

describe('planFamilies', () => {
  describe('one source', () => {
    it.each([
      ['a family without a type', 'm', 'unknown m: m', 'unknown m: m'],
      [
        'families in order of appearance',
        'b, gauge a, a',
        'unknown b: b; gauge a: a',
        'unknown b: b; gauge a: a',
      ],
      [
        'a declaration before its samples',
        'gauge a, b, a',
        'gauge a: a; unknown b: b',
        'gauge a: a; unknown b: b',
      ],
      ['metadata without samples', 'gauge a, b', 'unknown b: b', 'unknown b: b'],
      [
        'a histogram',
        'histogram h, h_bucket, h_sum, h_count',
        'histogram h: h_bucket h_sum h_count',
        'histogram h: h_bucket h_sum h_count',
      ],
      ['a counter with _total', 'counter x_total, x_total', 'counter x_total: x_total', 'counter x: x_total'],
      ['a counter without _total has no OpenMetrics form', 'counter x, x', 'counter x: x', 'unknown x: x'],
      [
        'OpenMetrics in text: TYPE m counter is not about m_total',
        'counter m, m_total',
        'unknown m_total: m_total',
        'unknown m_total: m_total',
      ],
      [
        'client_python writes x_created as a gauge',
        'counter x_total, x_total, gauge x_created, x_created',
        'counter x_total: x_total; gauge x_created: x_created',
        'counter x: x_total x_created',
      ],
      [
        'x_created of nothing',
        'gauge x_created, x_created',
        'gauge x_created: x_created',
        'gauge x_created: x_created',
      ],
      [
        'every Go program',
        'gauge g, g, counter g_total, g_total',
        'gauge g: g; counter g_total: g_total',
        'gauge g: g; unknown g_total: g_total',
      ],
      [
        'a histogram with a bare sample',
        'histogram h, h, h_count',
        'unknown h: h; unknown h_count: h_count',
        'unknown h: h; unknown h_count: h_count',
      ],
      [
        'histogram and counter of one name',
        'histogram x, x_count, counter x_total, x_total',
        'histogram x: x_count; counter x_total: x_total',
        'histogram x: x_count; unknown x_total: x_total',
      ],
    ])('%s', (_, entries, text, openMetrics) => {
      expect([plan([entries], 'text'), plan([entries], 'openmetrics')]).toEqual([text, openMetrics]);
    });

    it.each([
      [
        'counter',
        'om: counter x, x_total, x_created',
        'counter x_total: x_total; gauge x_created: x_created',
        'counter x: x_total x_created',
      ],
      [
        'counter named _total',
        'om: counter x_total, x_total',
        'unknown x_total: x_total',
        'unknown x_total: x_total',
      ],
      [
        'summary',
        'om: summary s, s, s_created',
        'summary s: s; gauge s_created: s_created',
        'summary s: s s_created',
      ],
      ['info', 'om: info x, x_info', 'gauge x_info: x_info', 'info x: x_info'],
      ['info without its suffix', 'om: info x, x', 'unknown x: x', 'unknown x: x'],
      ['stateset', 'om: stateset x, x', 'gauge x: x', 'stateset x: x'],
      [
        'gaugehistogram',
        'om: gaugehistogram x, x_bucket, x_gcount',
        'unknown x_bucket: x_bucket; unknown x_gcount: x_gcount',
        'gaugehistogram x: x_bucket x_gcount',
      ],
      [
        'created of an unknown',
        'om: unknown x, x_created',
        'unknown x_created: x_created',
        'unknown x_created: x_created',
      ],
    ])('OpenMetrics: %s', (_, entries, text, openMetrics) => {
      expect([plan([entries], 'text'), plan([entries], 'openmetrics')]).toEqual([text, openMetrics]);
    });
  });

  describe('several sources', () => {
    it.each([
      ['no type beside a declared one', ['x', 'gauge x, x'], 'gauge x: x', 'gauge x: x'],
      [
        'untyped beside a declared one',
        ['untyped x, x', 'counter x_total, x_total, gauge x, x'],
        'gauge x: x; counter x_total: x_total',
        'gauge x: x; unknown x_total: x_total',
      ],
      [
        'undeclared parts join',
        ['summary s, s_sum', 's_count'],
        'summary s: s_sum s_count',
        'summary s: s_sum s_count',
      ],
      [
        'the same counter in both formats',
        ['om: counter x, x_total', 'counter x_total, x_total'],
        'counter x_total: x_total',
        'counter x: x_total',
      ],
      ['different types', ['gauge x, x', 'counter x, x'], 'unknown x: x', 'unknown x: x'],
      [
        'a demoted histogram',
        ['histogram h, h_bucket, h_count', 'gauge h, h'],
        'unknown h: h; unknown h_bucket: h_bucket; unknown h_count: h_count',
        'unknown h: h; unknown h_bucket: h_bucket; unknown h_count: h_count',
      ],
      [
        'a gauge that a histogram’s sample is named like',
        ['histogram h, h_bucket, h_count', 'gauge h_count, h_count'],
        'unknown h_bucket: h_bucket; gauge h_count: h_count',
        'unknown h_bucket: h_bucket; gauge h_count: h_count',
      ],
      [
        'info and the gauge of its sample',
        ['om: info x, x_info', 'gauge x_info, x_info'],
        'gauge x_info: x_info',
        'unknown x_info: x_info',
      ],
      [
        'x_created of one beside x of the other',
        ['gauge x_created, x_created', 'om: counter x, x_total'],
        'gauge x_created: x_created; counter x_total: x_total',
        'counter x: x_created x_total',
      ],
    ])('%s', (_, sources, text, openMetrics) => {
      expect([plan(sources, 'text'), plan(sources, 'openmetrics')]).toEqual([text, openMetrics]);
    });

    it('takes the first help that there is', () => {
      const { families } = planFamilies(
        collectDeclaredFamilies(
          [sourceFamilies('gauge x'), sourceFamilies('gauge x First, x'), sourceFamilies('gauge x Second')],
          'text',
        ),
        () => true,
      );
      expect(families.map(({ help }) => help)).toEqual(['First']);
    });

    it('gives the help of a demoted family to its sample names', () => {
      const { families } = planFamilies(
        collectDeclaredFamilies(
          [sourceFamilies('histogram h Help, h_bucket, h_sum'), sourceFamilies('gauge h Other, h')],
          'text',
        ),
        () => true,
      );
      expect(families.map(({ name, help }) => `${name} ${help}`)).toEqual([
        'h Help',
        'h_bucket Help',
        'h_sum Help',
      ]);
    });
  });

  describe('families of our own', () => {
    it.each([
      ['keep their type', ['own: gauge x, x', 'counter x, x'], 'gauge x: x'],
      [
        'keep their names',
        ['own: histogram h, h_bucket', 'gauge h_count, h_count'],
        'histogram h: h_bucket h_count',
      ],
      [
        'let nothing stand in their way',
        ['own: histogram h, h_bucket', 'gauge h, h'],
        'histogram h: h_bucket; nowhere: h',
      ],
    ])('%s', (_, sources, expected) => {
      expect([plan(sources, 'text'), plan(sources, 'openmetrics')]).toEqual([expected, expected]);
    });

    it('stay where they do not fit, but have our own samples alone', () => {
      expect(plan(['own: histogram h, h_bucket', 'h_bucket, x'], 'text', 'h')).toBe(
        'histogram h: h_bucket; unknown x: x; ours: h_bucket',
      );
    });
  });

  it('demotes what does not fit its type', () => {
    expect(plan(['histogram h, h_bucket, h_sum'], 'text', 'h')).toBe(
      'unknown h_bucket: h_bucket; unknown h_sum: h_sum',
    );
    expect(plan(['om: stateset x, x'], 'openmetrics', 'x')).toBe('unknown x: x');
  });

  it('gives an absorbed x_created its own type back when the other family does not fit', () => {
    const sources = ['summary x, x, gauge x_created, x_created'];
    expect(plan(sources, 'openmetrics', 'x')).toBe('unknown x: x; gauge x_created: x_created');
  });

  it('has a unit only where the name ends in it and the type may have one', () => {
    const unit = (type: 'counter' | 'gauge' | 'info', name: string): string | undefined => {
      const declaration: Declaration = { name, type, help: '', unit: 'seconds' };
      const entries = [declaration, `${name}_total`, `${name}_info`, name];
      const source: SourceFamilies = {
        syntax: 'openmetrics',
        isOwn: false,
        entries: entries.slice(0, type === 'gauge' ? 4 : 3),
      };
      return planFamilies(collectDeclaredFamilies([source], 'openmetrics'), () => true).families.find(
        (family) => family.name === name,
      )?.unit;
    };
    expect([
      unit('counter', 'x_seconds'),
      unit('gauge', 'x_seconds'),
      unit('gauge', 'x'),
      unit('info', 'x_seconds'),
    ]).toEqual(['seconds', 'seconds', '', '']);
  });
});
