import { escapedHelp, unescapedHelp, unescapedLabelValue } from '../../../../src/domain/exposition/escape.ts';

describe('escapes', () => {
  it('of label values keep an unknown one as it is', () => {
    expect(unescapedLabelValue('a\\\\b\\"c\\nd\\e')).toBe('a\\b"c\nd\\e');
  });

  it('of HELP differ in the quote', () => {
    expect(unescapedHelp('a\\"b\\\\c\\nd', 'text')).toBe('a\\"b\\c\nd');
    expect(unescapedHelp('a\\"b\\\\c\\nd', 'openmetrics')).toBe('a"b\\c\nd');
    expect(escapedHelp('a"b\\c\nd', 'text')).toBe('a"b\\\\c\\nd');
    expect(escapedHelp('a"b\\c\nd', 'openmetrics')).toBe('a\\"b\\\\c\\nd');
  });
});
