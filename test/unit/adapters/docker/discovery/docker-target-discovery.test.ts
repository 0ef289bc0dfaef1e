import { DockerEngine } from '../../../../../src/adapters/docker/connection/docker-engine.ts';
import {
  DockerTargetDiscovery,
  type DockerDiscoverySettings,
} from '../../../../../src/adapters/docker/discovery/docker-target-discovery.ts';
import type { ListedContainer } from '../../../../../src/adapters/docker/connection/listed-container.ts';
import { DiscoveryError } from '../../../../../src/domain/targets/target-discovery.ts';
import type { Target } from '../../../../../src/domain/targets/target.ts';
import {
  recordedContainer,
  recordedContainers,
  ScriptedEngine,
} from '../../../../support/docker/scripted-engine.ts';
import { latenessAfter } from '../../../../support/until.ts';

const IN_A_CONTAINER = { isContainer: true, ids: [], certainId: undefined };

const SETTINGS: DockerDiscoverySettings = {
  metricsLabel: 'container-exposes-metrics',
  containerNameLabel: 'com.amazonaws.ecs.container-name',
  hostNetworkAddress: undefined,
  ownContainer: IN_A_CONTAINER,
};

function discoveryOf(
  engine: ScriptedEngine,
  settings: Partial<DockerDiscoverySettings> = {},
): DockerTargetDiscovery {
  return new DockerTargetDiscovery(new DockerEngine({ host: engine.host }), { ...SETTINGS, ...settings });
}

function soon(ms = 20_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

async function discovered(
  containers: readonly ListedContainer[],
  settings: Partial<DockerDiscoverySettings> = {},
): Promise<readonly Target[]> {
  await using engine = await ScriptedEngine.start({ containers });
  return await discoveryOf(engine, settings).discover(soon());
}

function byName(targets: readonly Target[], dockerName: string): Target {
  return targets.find((target) => target.attributes.dockerName === dockerName)!;
}

async function problem(discovery: DockerTargetDiscovery, signal = soon()): Promise<string> {
  const error: unknown = await discovery.discover(signal).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DiscoveryError);
  return (error as DiscoveryError).message;
}

describe('targets', () => {
  it('reads a container of ECS', async () => {
    const api = byName(await discovered(recordedContainers()), 'ecs-checkout-42-api-aa11');
    expect(api).toEqual({
      id: recordedContainer('ecs-checkout-42-api-aa11').Id,
      containerName: 'api',
      createdSeconds: recordedContainer('ecs-checkout-42-api-aa11').Created,
      address: { kind: 'ip', host: '172.29.0.8' },
      endpoints: [{ port: 9100, path: '/metrics' }],
      invalidEndpoints: [],
      attributes: {
        containerId: api.id,
        dockerName: 'ecs-checkout-42-api-aa11',
        image: 'shop/api:1.4.2',
        taskArn: 'arn:aws:ecs:eu-central-1:123456789012:task/shop/0f8fad5bd9cb469fa16570867728950e',
        taskFamily: 'checkout',
        taskRevision: '42',
        cluster: 'shop',
      },
      options: { scheme: 'http', verifiesTls: false, warnings: [] },
    });
  });

  it('lists those with the label, a paused one, too', async () => {
    const names = (await discovered(recordedContainers())).map((target) => target.attributes.dockerName);
    expect(names.sort()).toEqual([
      'alone',
      'ecs-checkout-42-api-aa11',
      'ecs-pay-3-worker-bb23',
      'on-the-host',
      'sidecar',
      'two-networks',
    ]);
  });

  it('uses the Docker name if the name label is missing or empty', async () => {
    const [alone] = await discovered([recordedContainer('alone')]);
    expect(alone!.containerName).toBe('alone');
    const Labels = { 'container-exposes-metrics': '9100', 'com.amazonaws.ecs.container-name': '' };
    const [empty] = await discovered([{ ...recordedContainer('alone'), Labels }]);
    expect(empty!.containerName).toBe('alone');
  });

  it('accepts null instead of a list or map', async () => {
    await using engine = await ScriptedEngine.start();
    const odd = { ...recordedContainer('alone'), Names: null, Labels: null };
    engine.always('list', { kind: 'text', text: JSON.stringify([odd]) });
    const [target] = await discoveryOf(engine).discover(soon());
    expect(target!.containerName).toBe(odd.Id.slice(0, 12));
  });

  it.each<[string, object | null]>([
    ['no container', null],
    ['no id', { Id: null }],
    ['no image', { Image: null }],
    ['no time', { Created: null }],
    ['no host config', { HostConfig: null }],
    ['no mode of network', { HostConfig: { NetworkMode: null } }],
    ['no settings', { NetworkSettings: null }],
    ['no networks', { NetworkSettings: { Networks: null } }],
    ['no network', { NetworkSettings: { Networks: { front: null, '0': { IPAddress: null } } } }],
    ['names that are none', { Names: [null, 5] }],
    ['a label that is none', { Labels: { 'container-exposes-metrics': 9100, other: null } }],
  ])('lets no entry of the list hide the others: %s', async (_case, facts) => {
    await using engine = await ScriptedEngine.start();
    const odd = facts === null ? null : { ...recordedContainer('two-networks'), ...facts };
    const api = recordedContainer('ecs-checkout-42-api-aa11');
    engine.always('list', { kind: 'text', text: JSON.stringify([odd, api]) });
    const targets = await discoveryOf(engine).discover(soon());
    expect(targets.at(-1)).toMatchObject({ containerName: 'api', address: { host: '172.29.0.8' } });
    for (const { attributes, address } of targets) {
      for (const text of Object.values({ ...attributes, ...address })) expect(text).toMatch(/./);
    }
  });

  it('uses its own name if a legacy link gives it another', async () => {
    const linked = { ...recordedContainer('alone'), Names: ['/web/database', '/alone'] };
    expect((await discovered([linked]))[0]!.containerName).toBe('alone');
  });

  it('keeps a target whose label is not understood, with the reason', async () => {
    const Labels = { 'container-exposes-metrics': '9100@example/x' };
    const [target] = await discovered([{ ...recordedContainer('alone'), Labels }]);
    expect(target!.endpoints).toEqual([]);
    expect(target!.invalidEndpoints).toEqual([
      { text: '9100@example/x', reason: expect.stringContaining('names a host') as string },
    ]);
  });

  it('reads the labels beside the main one', async () => {
    const two = byName(await discovered(recordedContainers()), 'two-networks');
    expect(two.options.timeoutMs).toBe(2000);
    expect(two.endpoints).toHaveLength(2);
  });

  describe('leaves out our own container', () => {
    const alone = recordedContainer('alone').Id;
    // The container "sidecar" is in its network.
    const api = recordedContainer('ecs-checkout-42-api-aa11').Id;
    const sidecar = recordedContainer('sidecar').Id;
    const missing = async (own: { ids: readonly string[]; certainId?: string }): Promise<string[]> => {
      const ownContainer = { ...IN_A_CONTAINER, ...own };
      const targets = await discovered(recordedContainers(), { ownContainer });
      return (await discovered(recordedContainers()))
        .map(({ id }) => id)
        .filter((id) => !targets.some((target) => target.id === id));
    };

    it.each([
      ['that the control group names', { ids: [alone], certainId: alone }, [alone]],
      ['that the host name names', { ids: [alone.slice(0, 12)] }, [alone]],
      ['but not the one whose network we are in', { ids: [api, sidecar], certainId: sidecar }, [sidecar]],
      ['though others are in its network', { ids: [api], certainId: api }, [api]],
      ['but not one whose network we may be in', { ids: [api, api.slice(0, 12)] }, []],
    ])('%s', async (_case, own, expected) => {
      expect(await missing(own)).toEqual(expected);
    });

    it('asks for all containers once at most', async () => {
      await using engine = await ScriptedEngine.start();
      const discovery = discoveryOf(engine, { ownContainer: { ...IN_A_CONTAINER, ids: [alone] } });
      await discovery.discover(soon());
      const first = engine.requests.length;
      await discovery.discover(soon());
      expect(engine.requests.length - first).toBe(first - 1);
    });
  });
});

describe('addresses', () => {
  it('follows container: to a labelled owner', async () => {
    const targets = await discovered(recordedContainers());
    expect(byName(targets, 'sidecar').address).toEqual({ kind: 'ip', host: '172.29.0.8' });
  });

  it('asks for an owner without the label, with the list alone', async () => {
    const owner = { ...recordedContainer('ecs-checkout-42-api-aa11'), Labels: {} };
    await using engine = await ScriptedEngine.start({ containers: [owner, recordedContainer('sidecar')] });
    const [sidecar] = await discoveryOf(engine).discover(soon());
    expect(sidecar!.address).toEqual({ kind: 'ip', host: '172.29.0.8' });
    expect(engine.requests).toEqual(['GET /containers/json', 'GET /containers/json']);
  });

  it('has none where the owner is on network none (awsvpc)', async () => {
    const worker = byName(await discovered(recordedContainers()), 'ecs-pay-3-worker-bb23');
    expect(worker.address).toEqual({
      kind: 'none',
      hint: expect.stringContaining('pause container') as string,
    });
  });

  it('has none where the owner is gone', async () => {
    const [sidecar] = await discovered([recordedContainer('sidecar')]);
    expect(sidecar!.address).toEqual({
      kind: 'none',
      hint: expect.stringContaining("doesn't run") as string,
    });
  });

  it.each<[string, Partial<DockerDiscoverySettings>, string | undefined]>([
    ['as set', { hostNetworkAddress: '10.0.0.7' }, '10.0.0.7'],
    [
      '127.0.0.1 outside a container',
      { ownContainer: { ...IN_A_CONTAINER, isContainer: false } },
      '127.0.0.1',
    ],
    ['none in a container whose id is not known', { ownContainer: IN_A_CONTAINER }, undefined],
    [
      'none in a container with a network of its own',
      { ownContainer: { ...IN_A_CONTAINER, ids: [recordedContainer('two-networks').Id] } },
      undefined,
    ],
  ])('host network: %s', async (_case, settings, host) => {
    const { address } = byName(await discovered(recordedContainers(), settings), 'on-the-host');
    if (host === undefined)
      expect(address).toMatchObject({
        kind: 'none',
        hint: expect.stringContaining('HOST_NETWORK_ADDRESS') as string,
      });
    else expect(address).toEqual({ kind: 'ip', host });
  });

  it('host network: 127.0.0.1 where we are on it ourselves', async () => {
    const own = { ...recordedContainer('on-the-host'), Id: 'c'.repeat(64), Labels: {} };
    const settings = { ownContainer: { ...IN_A_CONTAINER, ids: [own.Id] } };
    const targets = await discovered([...recordedContainers(), own], settings);
    expect(byName(targets, 'on-the-host').address).toEqual({ kind: 'ip', host: '127.0.0.1' });
  });
});

describe('a daemon that does not answer', () => {
  it('frozen: stops when the signal aborts', async () => {
    await using engine = await ScriptedEngine.start();
    engine.always('list', { kind: 'freeze' });
    const asked = problem(discoveryOf(engine), soon(500));
    expect(await latenessAfter(500, asked)).toBeLessThan(1000);
    expect(await asked).toMatch(/accepts connections but did not answer in time/);
  });

  it('cut in the middle of its answer: never hangs', async () => {
    await using engine = await ScriptedEngine.start();
    engine.always('list', { kind: 'cut-in-body' });
    expect(await problem(discoveryOf(engine), soon(300))).not.toBe('');
  });

  it('restarting: waits a moment, and the call is not lost', async () => {
    await using engine = await ScriptedEngine.start();
    const discovery = discoveryOf(engine);
    await discovery.discover(soon());
    await engine.stop();
    setTimeout(() => void engine.listen(), 300);
    expect(await discovery.discover(soon())).toHaveLength(6);
  });

  it('gone: named as the reason even if the time is up before it is sure', async () => {
    await using engine = await ScriptedEngine.start();
    const discovery = discoveryOf(engine);
    await discovery.discover(soon());
    await engine.stop();
    expect(await problem(discovery, soon(500))).toMatch(/there is no Docker socket at /);
  });

  it('reset in the middle of a call: asks again', async () => {
    await using engine = await ScriptedEngine.start();
    const discovery = discoveryOf(engine);
    await discovery.discover(soon());
    engine.once('list', { kind: 'reset' });
    expect(await discovery.discover(soon())).toHaveLength(6);
  });

  it('not there at the first call: named as the reason at once', async () => {
    await using engine = await ScriptedEngine.start();
    await engine.stop();
    const asked = problem(discoveryOf(engine));
    expect(await latenessAfter(900, asked)).toBeLessThan(0);
    expect(await asked).toMatch(/there is no Docker socket at .*mount it/);
  });

  it.each([
    ['an error', { kind: 'answer', status: 500, message: 'driver broke' }, /answered 500: "driver broke"/],
    [
      'a proxy',
      { kind: 'answer', status: 403, message: 'Forbidden' },
      /proxy.*refused.*GET \/containers\/json/,
    ],
    ['no Docker at all', { kind: 'text', text: '<html>' }, /not a Docker daemon: check DOCKER_HOST/],
  ] as const)('%s', async (_case, misbehaviour, message) => {
    await using engine = await ScriptedEngine.start();
    engine.always('list', misbehaviour);
    expect(await problem(discoveryOf(engine))).toMatch(message);
  });

  it('an engine that refuses API versions below 1.44 works: we name none', async () => {
    await using engine = await ScriptedEngine.start({ minApi: '1.44', api: '1.52' });
    expect(await discoveryOf(engine).discover(soon())).toHaveLength(6);
  });
});
