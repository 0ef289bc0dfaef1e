import { containerAddress } from '../../../../../src/adapters/docker/discovery/container-address.ts';
import type {
  ListedContainer,
  ListedNetwork,
} from '../../../../../src/adapters/docker/connection/listed-container.ts';
import { recordedContainer } from '../../../../support/docker/scripted-engine.ts';

const CONTEXT = { networkOwners: new Map<string, ListedContainer>(), hostNetworkAddress: undefined };

function on(networks: Record<string, ListedNetwork>): ListedContainer {
  const base = recordedContainer('two-networks');
  return { ...base, NetworkSettings: { Networks: networks } };
}

describe('containerAddress', () => {
  it.each<[string, Record<string, ListedNetwork>, string]>([
    ['one network', { bridge: { IPAddress: '172.17.0.2' } }, '172.17.0.2'],
    ['the first by name', { b: { IPAddress: '10.0.0.2' }, a: { IPAddress: '10.0.1.2' } }, '10.0.1.2'],
    [
      'the other order gives the same',
      { a: { IPAddress: '10.0.1.2' }, b: { IPAddress: '10.0.0.2' } },
      '10.0.1.2',
    ],
    [
      'IPv4 before IPv6',
      { a: { IPAddress: '', GlobalIPv6Address: 'fd00::2' }, b: { IPAddress: '10.0.0.2' } },
      '10.0.0.2',
    ],
    ['IPv6 alone', { a: { IPAddress: '', GlobalIPv6Address: 'fd00::2' } }, 'fd00::2'],
  ])('%s', (_case, networks, host) => {
    expect(containerAddress(on(networks), CONTEXT)).toEqual({ kind: 'ip', host });
  });

  it('hints at the remedy if there is none', () => {
    expect(containerAddress(on({}), CONTEXT)).toMatchObject({
      kind: 'none',
      hint: expect.stringContaining('exec mode') as string,
    });
  });

  it('works for an engine that leaves fields out', () => {
    const { Id, Names, Image, Created, Labels } = recordedContainer('alone');
    const bare = { Id, Names, Image, Created, Labels };
    expect(containerAddress(bare, CONTEXT).kind).toBe('none');
  });

  it('ends on containers that name each other', () => {
    const mode = (id: string): ListedContainer => ({
      ...recordedContainer('sidecar'),
      HostConfig: { NetworkMode: `container:${id}` },
    });
    const networkOwners = new Map([
      ['a', mode('b')],
      ['b', mode('a')],
    ]);
    expect(containerAddress(mode('a'), { ...CONTEXT, networkOwners }).kind).toBe('none');
  });
});
