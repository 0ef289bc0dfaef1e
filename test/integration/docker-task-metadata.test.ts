import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaskMetadataTargetDiscovery } from '../../src/adapters/docker/task-metadata/task-metadata-target-discovery.ts';
import { ExecStarter } from '../../src/adapters/docker/exec/run/exec-starter.ts';
import { ConcurrencyLimit } from '../../src/application/fetching/concurrency-limit.ts';
import { logOf, startTarget, uniqueLabel } from '../support/containers.ts';
import { CLOCK, discoverReal, realEngine } from '../support/docker/real-engine.ts';
import { until } from '../support/until.ts';

const SERVER = readFileSync(join(import.meta.dirname, '../support/target-server.cjs'), 'utf8');
const TASK_ID = '0f8fad5bd9cb469fa16570867728950e-1527056392';

/** A container whose network namespace has the address of the ECS agent's endpoint, and answers there. */
async function startStandIn(): ReturnType<typeof startTarget> {
  const task = { body: '{"Cluster":"shop","ServiceName":"checkout"}', contentType: 'application/json' };
  return await startTarget({
    image: 'wget',
    endpoints: null,
    serves: [{ port: 80, routes: { [`/v4/${TASK_ID}/task`]: task } }],
    configure: (container) =>
      container
        .withAddedCapabilities('NET_ADMIN')
        .withEntrypoint([
          'sh',
          '-c',
          'ip addr add 169.254.170.2/32 dev lo && exec node --eval "$1"',
          'sh',
          SERVER,
        ]),
  });
}

describe('the task metadata endpoint', () => {
  it('is asked for the service from inside each container that has the variable of the agent', async () => {
    await using standIn = await startStandIn();
    const networkMode = `container:${standIn.getId()}`;
    const metricsLabel = uniqueLabel();
    const uri = (value: string): { environment: Record<string, string> } => ({
      environment: { ECS_CONTAINER_METADATA_URI_V4: value },
    });
    const common = { metricsLabel, networkMode };
    const own = `http://169.254.170.2/v4/${TASK_ID}`;
    const cases = {
      curl: uri(own),
      'busybox-wget': { ...uri(own), image: 'wget' },
      'gnu-wget': { ...uri(own), image: 'gnuwget' },
      'no-shell': { ...uri(own), image: 'bare' },
      'no-variable': {},
      'another-host': uri(`http://169.254.170.20/v4/${TASK_ID}`),
      'another-path': uri(`http://169.254.170.2/v3/${TASK_ID}`),
      'a-way-up': uri('http://169.254.170.2/v4/../secret'),
      'a-shell': uri('http://169.254.170.2/v4/$(id)'),
      'another-task': uri('http://169.254.170.2/v4/0000'),
    } as const;
    const started = await Promise.all(
      Object.entries(cases).map(async ([ecsName, options], i) =>
        startTarget({
          ...common,
          ...options,
          ecsName,
          endpoints: `${9200 + i}`,
          serves: [{ port: 9200 + i, routes: {} }],
        }),
      ),
    );
    const starter = new ExecStarter(realEngine(), new ConcurrencyLimit(8));
    const inner = { discover: async () => discoverReal(metricsLabel) };
    using discovery = new TaskMetadataTargetDiscovery(inner, starter, CLOCK, true);
    try {
      const services = new Map<string, string | undefined>();
      await until(async () => {
        for (const { containerName, attributes } of await discovery.discover(AbortSignal.timeout(5000))) {
          services.set(containerName, attributes.service);
        }
        return services.size === started.length;
      }, 'not all targets were listed');
      const expected = Object.keys(cases).map((name) => [
        name,
        /^(?:curl|.*wget)$/.test(name) ? 'checkout' : undefined,
      ]);
      expect([...services].sort()).toEqual(expected.sort());
      const requests = (await logOf(standIn)).match(/GET \S+/g);
      expect(requests!.sort()).toEqual([
        'GET /v4/0000/task',
        ...Array.from({ length: 3 }, () => `GET /v4/${TASK_ID}/task`),
      ]);
    } finally {
      await Promise.all(started.map(async (container) => container.stop()));
    }
  });
});
