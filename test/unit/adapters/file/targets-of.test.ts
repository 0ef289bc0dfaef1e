import type { TargetGroup } from '../../../../src/adapters/file/target-group.ts';
import { firstOfEachId, targetsOf } from '../../../../src/adapters/file/targets-of.ts';
import { IdentityRegistry } from '../../../../src/domain/targets/identity.ts';
import type { Target } from '../../../../src/domain/targets/target.ts';

type Labels = Readonly<Record<string, string>>;

function targetOf(address: string, labels: Labels = {}): Target {
  const [target] = targetsOf([{ targets: [address], labels }]);
  if (target === undefined) throw new Error('no target');
  return target;
}

/** What would be fetched, as a URL; or why nothing would. */
function fetched(address: string, labels: Labels = {}): string {
  const target = targetOf(address, labels);
  const [endpoint] = target.endpoints;
  if (endpoint === undefined) return `invalid: ${target.invalidEndpoints[0]?.reason ?? ''}`;
  if (target.address.kind === 'none') return 'no address';
  return `${target.options.scheme} ${target.address.host} ${endpoint.port} ${endpoint.path}`;
}

describe('a group that is none', () => {
  it.each([
    [{ targets: ['a:1'], labels: { task_revision: 7 } }, '"labels" of group 2 is not an object of strings'],
    [{ targets: 'a:1' }, '"targets" of group 2 is not a list of "host:port" strings'],
    [{ targets: ['a:1'], label: {} }, 'group 2 has "label"'],
    [null, 'group 2 is not an object'],
  ])('%j is refused, for those who have no compiler', (group, why) => {
    expect(() => targetsOf([{ targets: ['a:1'] }, group as TargetGroup])).toThrow(why);
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.5:9100', 'http 10.0.0.5 9100 /metrics'],
    ['[fd00::5]:9100', 'http fd00::5 9100 /metrics'],
    ['db-1.internal:9100', 'http db-1.internal 9100 /metrics'],
    ['node_exporter:9100', 'http node_exporter 9100 /metrics'],
    ['10.0.0.5', 'http 10.0.0.5 80 /metrics'],
    ['[fd00::5]', 'http fd00::5 80 /metrics'],
  ])('%s', (address, expected) => {
    expect(fetched(address)).toBe(expected);
  });

  it('has the port of https where it names none', () => {
    expect(fetched('10.0.0.5', { __scheme__: 'https' })).toBe('https 10.0.0.5 443 /metrics');
  });

  it.each([
    [''],
    [':9100'],
    ['http://10.0.0.5:9100'],
    ['10.0.0.5:9100/metrics'],
    ['user@10.0.0.5:9100'],
    ['fd00::5:9100'],
    ['10.0.0.5:9100:9101'],
    ['10.0.0.5:'],
    ['a b:9100'],
    ['a\r\nX: y:9100'],
    ['-a:9100'],
    [`${'a'.repeat(254)}:9100`],
    ['bücher.example:9100'],
  ])('%j is none', (address) => {
    expect(fetched(address)).toBe('invalid: is no address: write host:port, an IPv6 host in brackets');
  });

  it.each(['[10.0.0.5]:9100', '[fd00::5::1]:9100', '[::zz]:9100'])('%s is none in brackets', (address) => {
    expect(fetched(address)).toMatch(/^invalid: (?:has something else than an IPv6 address|is no address)/);
  });

  it.each(['10.0.0.5:0', '10.0.0.5:65536', '10.0.0.5:09100'])('%s has no port that could be', (address) => {
    expect(fetched(address)).toMatch(/^invalid: has a port/);
  });

  it('that is none names a target nevertheless, which is listed and never fetched', () => {
    expect(targetOf('http://x', { container_name: 'app' })).toMatchObject({
      containerName: 'app',
      address: { kind: 'none' },
      endpoints: [],
      invalidEndpoints: [{ text: 'http://x' }],
    });
  });
});

describe('labels', () => {
  it.each<[string, Labels, string]>([
    ['a path', { __metrics_path__: '/admin/metrics' }, 'http h 1 /admin/metrics'],
    ['a path without its slash', { __metrics_path__: 'admin' }, 'http h 1 /admin'],
    ['a path with a comma', { __metrics_path__: '/a,9200/b' }, 'http h 1 /a%2C9200/b'],
    ['a path with a query', { __metrics_path__: '/a?b=c', __param_d: 'e' }, 'http h 1 /a?b=c&d=e'],
    ['a path with a blank', { __metrics_path__: '/a b' }, 'invalid: has a blank or control character'],
    [
      'a path with a line end',
      { __metrics_path__: '/a\r\nX: y' },
      'invalid: has a blank or control character',
    ],
    [
      'a path with two slashes',
      { __metrics_path__: '//evil/x' },
      'invalid: has a path that begins with two slashes',
    ],
    ['a scheme', { __scheme__: 'https' }, 'https h 1 /metrics'],
    ['another scheme', { __scheme__: 'ftp' }, 'invalid: has __scheme__ "ftp": write http or https'],
    ['a scheme of every object', { __scheme__: 'constructor' }, 'invalid: has __scheme__ "constructor"'],
    ['a parameter', { __param_module: 'http_2xx' }, 'http h 1 /metrics?module=http_2xx'],
    [
      'parameters, in order',
      { __param_target: 'a/b c', '__param_collect[]': 'cpu' },
      'http h 1 /metrics?collect%5B%5D=cpu&target=a%2Fb%20c',
    ],
    ['a parameter with marks', { __param_a: '&=#,%\r\n' }, 'http h 1 /metrics?a=%26%3D%23%2C%25%0D%0A'],
  ])('%s', (_name, labels, expected) => {
    expect(fetched('h:1', labels).slice(0, expected.length)).toBe(expected);
  });

  it('name the container; without one it has its address', () => {
    expect(targetOf('h:1', { container_name: 'app' }).containerName).toBe('app');
    expect(targetOf('h:1', { container_name: '' }).containerName).toBe('h:1');
    expect(targetOf('h:1').containerName).toBe('h:1');
  });

  it('tell what IDENTITY_LABELS may ask for, but no container id', () => {
    const labels = {
      cluster: 'c',
      service: 's',
      image: 'i',
      task_family: 'f',
      container_id: 'x',
      other: 'o',
      docker_name: '',
    };
    expect(targetOf('h:1', labels).attributes).toEqual({
      cluster: 'c',
      service: 's',
      image: 'i',
      taskFamily: 'f',
    });
  });

  it('choose whether certificates are verified: they are, unless told otherwise', () => {
    expect(targetOf('h:1', { __scheme__: 'https' }).options).toMatchObject({
      verifiesTls: true,
      fetchMode: 'http',
    });
    expect(targetOf('h:1', { __tls_verify__: 'false' }).options).toMatchObject({ verifiesTls: false });
  });
});

describe('ids', () => {
  it('are the addresses, with the path where it is not the usual one', () => {
    expect(targetOf('h:1').id).toBe('h:1');
    expect(targetOf('h:1', { __metrics_path__: '/a', __param_b: 'c' }).id).toBe('h:1/a?b=c');
    // A path that can't be fetched must not get the id of the address's /metrics.
    expect(targetOf('h:1', { __metrics_path__: '/a b' }).id).toBe('h:1/a b');
  });

  it('tell targets of one name apart', () => {
    const targets = targetsOf([
      { targets: ['h:2', 'h:1'], labels: { container_name: 'app', container_id: 'same' } },
    ]);
    const identified = new IdentityRegistry(['container_name']).identify(targets);
    expect(identified.map(({ labels }) => labels.map(({ value }) => value))).toEqual([
      ['app'],
      ['app', 'h:2'],
    ]);
  });

  it('are unique: the first one counts', () => {
    const repeated: string[] = [];
    const targets = targetsOf([
      { targets: ['h:1'], labels: { container_name: 'first' } },
      { targets: ['h:1', 'h:2'], labels: { container_name: 'second' } },
    ]);
    const unique = firstOfEachId(targets, (id) => repeated.push(id));
    expect(unique.map(({ containerName }) => containerName)).toEqual(['first', 'second']);
    expect(repeated).toEqual(['h:1']);
  });
});
