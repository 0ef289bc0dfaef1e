import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import Docker from 'dockerode';
import type { StartedTestContainer } from 'testcontainers';
import { startTarget, uniqueLabel, type TargetContainer } from '../support/containers.ts';
import { discoverReal, EXEC_TECHNIQUES, RealFetcher } from '../support/docker/real-engine.ts';
import { until } from '../support/until.ts';
import type { Target } from '../../src/domain/targets/target.ts';

const docker = new Docker();
const HOST_PORT = 20_000 + Math.floor(Math.random() * 10_000);

/** What answers at the address that was found: the container's name. */
async function answererAt({ address }: Target, port: number): Promise<string> {
  if (address.kind === 'none') return address.hint;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const [response] = (await once(get(`http://${host}:${port}/metrics`), 'response')) as [
    AsyncIterable<Buffer>,
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * The bridge of a new network gets its address when its first container comes, and is sure a second later that nobody else has it:
 * until then what is sent from there is lost, and TCP tries again after 1, 3 and 7 seconds.
 */
async function untilAddressesAreSure(): Promise<void> {
  const TENTATIVE = 0x40;
  const isTentative = (line: string): boolean =>
    line.startsWith('fd000e5e') && (Number.parseInt(line.split(/ +/)[4] ?? '', 16) & TENTATIVE) !== 0;
  await until(
    () => !readFileSync('/proc/net/if_inet6', 'utf8').split('\n').some(isTentative),
    'an IPv6 address is still tentative',
  );
}

describe('network modes', () => {
  const metricsLabel = uniqueLabel();
  const networks: Docker.Network[] = [];
  const started: StartedTestContainer[] = [];
  let targets: readonly Target[];

  async function network(options: Partial<Docker.NetworkCreateOptions> = {}): Promise<string> {
    const name = `docker-networks-${randomUUID()}`;
    networks.push(await docker.createNetwork({ Name: name, ...options }));
    return name;
  }

  async function start(ecsName: string, options: TargetContainer = {}, port = 9100): Promise<string> {
    const serves = [{ port, host: '::', routes: { '/metrics': { body: ecsName } } }];
    const ipv4Only = [{ port, routes: { '/metrics': { body: ecsName } } }];
    const container = await startTarget({
      metricsLabel,
      ecsName,
      endpoints: `${port}`,
      serves: options.networkMode?.startsWith('docker-networks') === true ? serves : ipv4Only,
      ...options,
    });
    started.push(container);
    return container.getId();
  }

  beforeAll(async () => {
    const subnet = `fd00:e5e:${Math.floor(Math.random() * 65_536).toString(16)}::/64`;
    const [first, second, six] = [
      await network(),
      await network(),
      await network({ EnableIPv6: true, IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } }),
    ];
    const owner = await start('owner', { endpoints: null });
    const pause = await start('pause', { endpoints: null, networkMode: 'none' });
    await Promise.all([
      start('bridged'),
      start('sharing', { networkMode: `container:${owner}` }, 9105),
      start('awsvpc', { networkMode: `container:${pause}` }, 9105),
      start('alone', { networkMode: 'none' }),
      start('host', { networkMode: 'host' }, HOST_PORT),
      start('six', { networkMode: six }),
    ]);
    const both = await start('both', { networkMode: first });
    await docker.getNetwork(second).connect({ Container: both });
    targets = await discoverReal(metricsLabel, undefined, '127.0.0.1');
  });

  afterAll(async () => {
    await Promise.all(started.map(async (container) => container.stop()));
    for (const one of networks) await one.remove();
  });

  function named(name: string): Target {
    return targets.find(({ containerName }) => containerName === name)!;
  }

  it.each([
    ['bridged', 9100],
    ['both', 9100],
    ['sharing', 9105],
    ['host', HOST_PORT],
    ['six', 9100],
  ])('%s: the address that was found is its own', async (name, port) => {
    expect(await answererAt(named(name), port)).toBe(name);
  });

  it('several networks: the same address every time', async () => {
    const addresses = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const found = await discoverReal(metricsLabel);
      addresses.add(JSON.stringify(found.find(({ containerName }) => containerName === 'both')!.address));
    }
    expect(addresses.size).toBe(1);
  });

  it('IPv6: reached at its IPv6 address as well', async () => {
    await untilAddressesAreSure();
    const { NetworkSettings } = await docker.getContainer(named('six').id).inspect();
    const [own] = Object.values(NetworkSettings.Networks);
    const address = { kind: 'ip', host: own!.GlobalIPv6Address } as const;
    expect(own!.GlobalIPv6Address).toMatch(/^fd00:e5e:/);
    expect(await answererAt({ ...named('six'), address }, 9100)).toBe('six');
  });

  it.each(['awsvpc', 'alone'])('%s: no address, and what to do', (name) => {
    expect(named(name).address).toEqual({
      kind: 'none',
      hint: expect.stringContaining('exec mode') as string,
    });
  });

  it('host network without HOST_NETWORK_ADDRESS: none, and what to do', async () => {
    const found = await discoverReal(metricsLabel);
    expect(found.find(({ containerName }) => containerName === 'host')!.address).toEqual({
      kind: 'none',
      hint: expect.stringContaining('HOST_NETWORK_ADDRESS') as string,
    });
  });

  it.each(EXEC_TECHNIQUES)('%s reaches all of them', async (technique) => {
    await using fetcher = new RealFetcher(technique);
    const answers = targets.map(async ({ id, containerName, endpoints }) => [
      containerName,
      await fetcher.fetch(id, `${endpoints[0]!.port}/metrics`),
    ]);
    const names = ['alone', 'awsvpc', 'both', 'bridged', 'host', 'sharing', 'six'];
    expect((await Promise.all(answers)).sort()).toEqual(names.map((name) => [name, name]));
  });
});
