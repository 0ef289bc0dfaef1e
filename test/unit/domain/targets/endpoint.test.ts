import { parseEndpoints } from '../../../../src/domain/targets/endpoint.ts';
import { cpuMsOf } from '../../../support/cpu-time.ts';

describe('parseEndpoints', () => {
  describe('accepts', () => {
    const takes = (label: string, ...endpoints: string[]): void =>
      it(JSON.stringify(label), () => {
        const { valid, invalid } = parseEndpoints(label);
        expect(invalid).toEqual([]);
        expect(valid.map(({ port, path }) => `${port} ${path}`)).toEqual(endpoints);
      });

    takes('9100/metrics', '9100 /metrics');
    takes('9100', '9100 /metrics');
    takes('9100/', '9100 /');
    takes('1/a', '1 /a');
    takes('65535/a', '65535 /a');
    takes('9100/path/to/metrics', '9100 /path/to/metrics');
    takes('9100/metrics,9101/admin/metrics', '9100 /metrics', '9101 /admin/metrics');
    takes(' 9100/metrics ,\t9101/x ', '9100 /metrics', '9101 /x');
    takes('9100/metrics,9100/metrics', '9100 /metrics');
    takes('9100,9100/metrics', '9100 /metrics');
    takes('9100/metrics?collect[]=cpu&collect[]=mem', '9100 /metrics?collect[]=cpu&collect[]=mem');
    takes('9100/metrics?', '9100 /metrics?');
    takes('9100/probe?target=a?b/c', '9100 /probe?target=a?b/c');
    takes('9100/a%2Cb', '9100 /a%2Cb');
    takes("9100/-._~!$&'()*+;=:@", "9100 /-._~!$&'()*+;=:@");
  });

  describe('refuses', () => {
    const refuses = (label: string, why: RegExp): void =>
      it(JSON.stringify(label), () => {
        const { valid, invalid } = parseEndpoints(label);
        expect(valid).toEqual([]);
        expect(invalid).toHaveLength(1);
        expect(invalid[0]!.reason).toMatch(why);
      });

    refuses('', /empty.*9100\/metrics/);
    refuses('   ', /empty/);
    refuses('9100@host/x', /host is always the container/);
    refuses('9100@127.0.0.9/x', /host is always the container/);
    refuses('host:9100/x', /host is always the container/);
    refuses('http://host:9100/x', /is a URL/);
    refuses('file:///etc/passwd', /is a URL/);
    refuses('9100/[1-5]', /path/);
    refuses('9100/{a,b}'.replace(',', '%2C'), /path/);
    refuses('/metrics', /no port/);
    refuses('metrics', /plain decimal/);
    refuses('0/metrics', /outside 1 to 65535/);
    refuses('65536/metrics', /outside 1 to 65535/);
    refuses('99999/metrics', /outside 1 to 65535/);
    refuses('123456/metrics', /plain decimal/);
    refuses('09100/metrics', /plain decimal/);
    refuses('+9100/metrics', /plain decimal/);
    refuses('0x50/metrics', /plain decimal/);
    refuses('9e3/metrics', /plain decimal/);
    refuses('9100.0/metrics', /plain decimal/);
    refuses('٩١٠٠/metrics', /outside ASCII/);
    refuses('9100/mé', /outside ASCII/);
    refuses('9100/a b', /blank or control/);
    refuses('9100/a\tb', /blank or control/);
    refuses('9100/a\nHost: x', /blank or control/);
    refuses('9100/a\u0000', /blank or control/);
    refuses('9100/a\u007f', /blank or control/);
    refuses('9100?x=1', /path before the query/);
    refuses('9100/a#b', /fragment/);
    refuses('9100/a%2', /path/);
    refuses('9100/a%zz', /path/);
    refuses('9100/a?b=%2', /query/);
    refuses('9100/a\\b', /path/);
    refuses('9100/a"b', /path/);
    refuses('9100/`id`', /path/);
    refuses('9100/a?b=|', /query/);
    refuses('9100//host/x', /two slashes/);
    refuses('9100 /metrics', /blank or control/);
  });

  it('goes on with the other endpoints of the label', () => {
    const { valid, invalid } = parseEndpoints('9100/metrics,9100@x/y,,9101/ok');
    expect(valid).toEqual([
      { port: 9100, path: '/metrics' },
      { port: 9101, path: '/ok' },
    ]);
    expect(invalid.map(({ text }) => text)).toEqual(['9100@x/y', '']);
  });

  it('reads a long run of blanks in linear time', () => {
    const text = `9100${' '.repeat(100_000)}x`;
    expect(cpuMsOf(() => expect(parseEndpoints(text).invalid).toHaveLength(1))).toBeLessThan(1000);
  });

  it('shows a refused text shortened and printable', () => {
    const [refused] = parseEndpoints(`9100/\u001b[31m${'x'.repeat(500)}`).invalid;
    expect(refused!.text).toMatch(/^9100\/\\u\{1b\}\[31mx+…$/);
    expect(refused!.text.length).toBeLessThanOrEqual(80);
  });
});
