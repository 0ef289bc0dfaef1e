import { inputSyntaxOf, negotiateFormat } from '../../../../src/domain/exposition/format.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROMETHEUS_3_LEGACY_NAMES =
  'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,text/plain;version=1.0.0;escaping=underscores;q=0.4,*/*;q=0.2';

describe('negotiateFormat', () => {
  it.each([
    ['no header', undefined, TEXT],
    ['an empty header', '', TEXT],
    ['curl', '*/*', TEXT],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
    ['Prometheus 2', PROMETHEUS_2, OPENMETRICS],
    ['Prometheus 3', PROMETHEUS_3, `${OPENMETRICS}; escaping=allow-utf-8`],
    ['Prometheus 3 with legacy names', PROMETHEUS_3_LEGACY_NAMES, `${OPENMETRICS}; escaping=underscores`],
    [
      'Prometheus 3 that prefers text 1.0.0',
      'text/plain;version=1.0.0;escaping=allow-utf-8,*/*;q=0.1',
      'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
    ],
    ['protobuf first: never promised', `${PROTOBUF};q=0.7,${PROMETHEUS_2}`, OPENMETRICS],
    ['protobuf only', PROTOBUF, TEXT],
    ['OpenMetrics without a version', 'application/openmetrics-text', OPENMETRICS],
    ['a quoted version', 'application/openmetrics-text; version="1.0.0"', OPENMETRICS],
    ['upper case and blanks', ' Application/OpenMetrics-Text ; Version=1.0.0 ', OPENMETRICS],
    [
      'OpenMetrics 0.0.1 alone: we write 1.0.0 only',
      'application/openmetrics-text;version=0.0.1,*/*;q=0.1',
      TEXT,
    ],
    ['OpenMetrics 2.0.0: not written', 'application/openmetrics-text;version=2.0.0,text/plain;q=0.1', TEXT],
    ['the higher q-value', 'application/openmetrics-text;version=1.0.0;q=0.3,text/plain;q=0.4', TEXT],
    ['the earlier one of equals', 'text/plain;version=0.0.4,application/openmetrics-text', TEXT],
    ['q=0 is a refusal', 'application/openmetrics-text;q=0', TEXT],
    ['a malformed q-value is no preference', 'application/openmetrics-text;q=high', TEXT],
    ['application/*', 'application/*;q=0.5,text/plain;q=0.4', OPENMETRICS],
    ['text/*', 'text/*', TEXT],
    [
      'text 1.0.0 with escaped names is text 0.0.4',
      'text/plain;version=1.0.0;escaping=underscores',
      `${TEXT}; escaping=underscores`,
    ],
    [
      'UTF-8 names in text 0.0.4: escaped',
      'text/plain;version=0.0.4;escaping=allow-utf-8',
      `${TEXT}; escaping=underscores`,
    ],
    [
      'an escaping that we don’t have',
      'application/openmetrics-text;escaping=dots',
      `${OPENMETRICS}; escaping=underscores`,
    ],
  ])('answers %s', (_, accept, contentType) => {
    expect(negotiateFormat(accept, 'auto').contentType).toBe(contentType);
  });

  it('says how names go out', () => {
    expect(negotiateFormat(PROMETHEUS_3, 'auto')).toMatchObject({
      syntax: 'openmetrics',
      names: 'allow-utf-8',
    });
    expect(negotiateFormat(PROMETHEUS_2, 'auto')).toMatchObject({
      syntax: 'openmetrics',
      names: 'underscores',
    });
    expect(negotiateFormat('text/plain;version=0.0.4;escaping=allow-utf-8', 'auto').names).toBe(
      'underscores',
    );
  });

  it.each([[undefined], [PROMETHEUS_2], [PROMETHEUS_3], [PROTOBUF], ['application/openmetrics-text']])(
    'always answers text 0.0.4 when it is set to: %s',
    (accept) => {
      expect(negotiateFormat(accept, 'text').contentType).toBe(TEXT);
    },
  );
});

describe('inputSyntaxOf', () => {
  it.each([
    [undefined, 'text'],
    ['', 'text'],
    ['text/plain', 'text'],
    ['text/plain; version=0.0.4; charset=utf-8', 'text'],
    ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text'],
    ['TEXT/PLAIN', 'text'],
    ['application/octet-stream', 'text'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
    ['Application/OpenMetrics-Text', 'openmetrics'],
    ['application/openmetrics-text;version=0.0.1', 'openmetrics'],
    ['text/html; charset=utf-8', undefined],
    ['application/xhtml+xml', undefined],
    ['application/json', undefined],
    ['application/problem+json', undefined],
    ['text/xml', undefined],
    [PROTOBUF, undefined],
    ['application/x-protobuf', undefined],
  ])('reads %s as %s', (contentType, syntax) => {
    expect(inputSyntaxOf(contentType)).toBe(syntax);
  });
});
