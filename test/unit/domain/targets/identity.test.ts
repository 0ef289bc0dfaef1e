import { IdentityRegistry, type IdentityLabelName } from '../../../../src/domain/targets/identity.ts';
import type { Target } from '../../../../src/domain/targets/target.ts';
import { aTarget } from '../../../support/targets.ts';

const ID_A = 'a'.repeat(64);
const ID_B = 'b'.repeat(64);

function task(id: string, facts: Partial<Target> = {}): Target {
  const taskArn = `arn:aws:ecs:eu-west-1:1:task/cluster/task-${id[0]}`;
  return aTarget({ id, attributes: { containerId: id, taskArn }, ...facts });
}

function labelsOf(registry: IdentityRegistry, ...targets: Target[]): string[] {
  return registry
    .identify(targets)
    .map(({ labels }) => labels.map(({ name, value }) => `${name}=${value}`).join(','))
    .sort();
}

const registryOf = (...names: IdentityLabelName[]): IdentityRegistry =>
  new IdentityRegistry(names.length === 0 ? ['container_name'] : names);

describe('IdentityRegistry', () => {
  it('names a lone container by its name alone', () => {
    expect(labelsOf(registryOf(), task(ID_A))).toEqual(['container_name=app']);
  });

  it('gives the oldest of equal names no extra label and the other its task id', () => {
    const older = task(ID_B, { createdSeconds: 1 });
    const younger = task(ID_A, { createdSeconds: 2 });
    expect(labelsOf(registryOf(), younger, older)).toEqual([
      'container_name=app',
      'container_name=app,task_id=task-a',
    ]);
  });

  it('forgets what is no longer listed', () => {
    const registry = registryOf();
    labelsOf(registry, task(ID_A), task(ID_B));
    labelsOf(registry);
    expect(labelsOf(registry, task(ID_B))).toEqual(['container_name=app']);
  });

  it('returns the same array of labels for an endpoint as long as it is listed', () => {
    const registry = registryOf();
    const [before] = registry.identify([task(ID_A)]);
    const [after] = registry.identify([task(ID_A), task(ID_B)]);
    expect(after?.labels).toBe(before?.labels);
  });

  it('breaks a tie of age by the id', () => {
    expect(labelsOf(registryOf(), task(ID_B), task(ID_A))).toEqual([
      'container_name=app',
      'container_name=app,task_id=task-b',
    ]);
  });

  it('uses the container id if there is no task', () => {
    const plain = aTarget({ id: ID_B });
    expect(labelsOf(registryOf(), aTarget({ id: ID_A }), plain)).toEqual([
      'container_name=app',
      `container_name=app,container_id=${ID_B.slice(0, 12)}`,
    ]);
  });

  it('uses only the container id if the task id does not make the labels unique', () => {
    const attributes = (id: string): Target['attributes'] => ({
      containerId: id,
      taskArn: 'arn:aws:ecs:r:1:task/c/t',
    });
    const targets = [ID_A, ID_B, 'c'.repeat(64)].map((id) => aTarget({ id, attributes: attributes(id) }));
    expect(labelsOf(registryOf(), ...targets)).toEqual(
      [
        'container_name=app',
        'container_name=app,task_id=t',
        `container_name=app,container_id=${'c'.repeat(12)}`,
      ].sort(),
    );
  });

  it('keeps the labels of a running container whatever comes and goes', () => {
    const registry = registryOf();
    expect(labelsOf(registry, task(ID_B))).toEqual(['container_name=app']);
    // The new one gets the extra label, although it sorts before the known one by age.
    const newcomer = task(ID_A, { createdSeconds: 1 });
    expect(labelsOf(registry, newcomer, task(ID_B))).toEqual([
      'container_name=app',
      'container_name=app,task_id=task-a',
    ]);
    expect(labelsOf(registry, newcomer)).toEqual(['container_name=app,task_id=task-a']);
  });

  it('forgets a container that has stopped: its successor gets no extra label', () => {
    const registry = registryOf();
    labelsOf(registry, task(ID_A));
    expect(labelsOf(registry, task(ID_B))).toEqual(['container_name=app']);
  });

  it('tells the endpoints of one container apart by port and path', () => {
    const target = task(ID_A, {
      endpoints: [
        { port: 9100, path: '/metrics' },
        { port: 9101, path: '/x?y=1' },
      ],
    });
    expect(labelsOf(registryOf(), target)).toEqual([
      'container_name=app,metrics_endpoint=9100/metrics',
      'container_name=app,metrics_endpoint=9101/x',
    ]);
  });

  it('tells endpoints that differ only in the query apart by a short hash', () => {
    const target = task(ID_A, {
      endpoints: [
        { port: 9100, path: '/probe?a=1' },
        { port: 9100, path: '/probe?a=2' },
      ],
    });
    const labels = labelsOf(registryOf(), target);
    expect(new Set(labels).size).toBe(2);
    for (const label of labels)
      expect(label).toMatch(/^container_name=app,metrics_endpoint=9100\/probe~[0-9a-f]{8}$/);
  });

  it('adds to a container with several endpoints only what is needed', () => {
    const endpoints = [
      { port: 1, path: '/a' },
      { port: 2, path: '/a' },
    ];
    expect(labelsOf(registryOf(), task(ID_A), task(ID_B, { endpoints }))).toEqual([
      'container_name=app',
      'container_name=app,metrics_endpoint=1/a',
      'container_name=app,metrics_endpoint=2/a',
    ]);
  });

  it('never gives a target the identity of our own process metrics', () => {
    const target = task(ID_A, { containerName: 'ecs-service-metrics-exporter' });
    expect(labelsOf(registryOf(), target)).toEqual([
      'container_name=ecs-service-metrics-exporter,task_id=task-a',
    ]);
  });

  it('adds the configured labels, in their order, without empty ones', () => {
    const attributes = {
      containerId: ID_A,
      taskArn: 'arn:aws:ecs:r:1:task/c/t1',
      taskFamily: 'web',
      taskRevision: '7',
      cluster: 'arn:aws:ecs:r:1:cluster/prod',
      image: 'repo/app:1',
    };
    const registry = registryOf(
      'cluster',
      'task_family',
      'task_revision',
      'image',
      'container_id',
      'task_id',
      'docker_name',
    );
    expect(labelsOf(registry, aTarget({ attributes }))).toEqual([
      `cluster=prod,task_family=web,task_revision=7,image=repo/app:1,container_id=${'a'.repeat(12)},task_id=t1`,
    ]);
  });

  it('gives the many replicas of one service all different labels', () => {
    const targets = Array.from({ length: 50 }, (_, i) =>
      task(i.toString(16).padStart(64, '0'), { attributes: {} }),
    );
    expect(new Set(labelsOf(registryOf(), ...targets)).size).toBe(50);
  });
});
