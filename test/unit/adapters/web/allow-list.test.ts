import { AllowList, parseCidrs } from '../../../../src/adapters/web/allow-list.ts';

describe('parseCidrs', () => {
  it.each([
    ['10.0.0.0/8', ['10.0.0.0/8']],
    [' 10.0.0.0/8 ,192.168.1.0/24', ['10.0.0.0/8', '192.168.1.0/24']],
    ['10.1.2.3/32', ['10.1.2.3/32']],
    ['0.0.0.0/0, ::/0', ['0.0.0.0/0', '::/0']],
    ['2001:DB8:0:0::/32', ['2001:db8::/32']],
    ['::1/128', ['::1/128']],
    ['fe80::/10', ['fe80::/10']],
    ['64:ff9b::1.2.3.4/128', ['64:ff9b::102:304/128']],
  ])('reads %j', (text, expected) => {
    const { cidrs, mistakes } = parseCidrs(text);
    expect(mistakes).toEqual([]);
    expect(cidrs.map(({ address, prefix }) => `${address}/${prefix}`)).toEqual(expected);
  });

  it.each([
    ['', '"" is not a range'],
    ['10.0.0.0/8,', '"" is not a range'],
    ['10.0.0.5', 'write 10.0.0.5/32'],
    ['::1', 'write ::1/128'],
    ['10.0.0.5/8', 'write 10.0.0.0/8'],
    ['10.255.255.255/12', 'write 10.240.0.0/12'],
    ['2001:db8::1/32', 'write 2001:db8::/32'],
    ['10.0.0.0/33', 'not within 0 to 32'],
    ['::/129', 'not within 0 to 128'],
    ['10.0.0.0/08', 'not within 0 to 32'],
    ['10.0.0.0/', 'not within 0 to 32'],
    ['10.0.0.0/-1', 'not within 0 to 32'],
    ['10.0.0.0/8/8', 'is not a range'],
    ['010.0.0.0/8', 'is not a range'],
    ['10.0.0/8', 'is not a range'],
    ['10.0.0.0/255.0.0.0', 'not within 0 to 32'],
    ['fe80::%eth0/10', 'is not a range'],
    ['::ffff:10.0.0.0/104', 'write it as IPv4'],
    ['prometheus.example/32', 'is not a range'],
  ])('refuses %j', (text, hint) => {
    const { mistakes } = parseCidrs(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(hint);
  });

  it('reports every mistake at once', () => {
    expect(parseCidrs('x, 10.0.0.0/8, 10.0.0.1/8').mistakes).toHaveLength(2);
  });
});

describe('AllowList', () => {
  const allows = (list: string, address: string | undefined): boolean =>
    new AllowList(parseCidrs(list).cidrs).allows(address);

  it.each([
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::FFFF:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:11.1.2.3', false],
    ['10.1.2.3/32', '10.1.2.3', true],
    ['10.1.2.3/32', '10.1.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['::/0', '::ffff:203.0.113.9', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8,2001:db8::/32', '2001:db8::1', true],
    ['10.0.0.0/8', undefined, false],
    ['10.0.0.0/8', '', false],
  ])('%s and the peer %s: %s', (list, address, expected) => {
    expect(allows(list, address)).toBe(expected);
  });

  it('lets everybody in when it is empty', () => {
    expect(new AllowList([]).allows('203.0.113.9')).toBe(true);
  });
});
