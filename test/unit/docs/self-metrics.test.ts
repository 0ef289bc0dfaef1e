import { PromClientSelfMetrics } from '../../../src/adapters/prom-client/prom-client-self-metrics.ts';
import { readDocument, tableRows } from '../../support/markdown.ts';
import { downReport, identify, scrapeReport, target, upReport } from '../../support/scrape-reports.ts';

const PREFIX = 'ecs_service_metrics_exporter_';
const document = readDocument('docs/self-metrics.md');
const rows = tableRows(document).filter(([name = '']) => name.startsWith('`'));

interface Family {
  readonly type: string;
  readonly labels: ReadonlySet<string>;
}

/** Every family of an exposition with the label names of its samples. */
function families(text: string): Map<string, Family> {
  const found = new Map<string, { type: string; labels: Set<string> }>();
  let family = { type: '', labels: new Set<string>() };
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)/.exec(line);
    if (declared !== null) {
      family = { type: declared[2] ?? '', labels: new Set() };
      found.set(declared[1] ?? '', family);
    } else if (!line.startsWith('#')) {
      for (const [, name = ''] of line.matchAll(/[{,](\w+)="/g)) if (name !== 'le') family.labels.add(name);
    }
  }
  return found;
}

async function exposition(): Promise<{ own: Map<string, Family>; process: Map<string, Family> }> {
  const attributes = {
    containerId: 'a'.repeat(64),
    dockerName: 'ecs-web-1',
    image: 'web:1',
    taskArn: 'arn:aws:ecs:eu-west-1:1:task/prod/0123',
    taskFamily: 'web',
    taskRevision: '7',
    cluster: 'prod',
    service: 'web-service',
  };
  const endpoints = identify([target('a', 'web', { attributes }), target('b', 'db', { attributes })]);
  const [up, down] = endpoints;
  const metrics = new PromClientSelfMetrics('1.2.3');
  metrics.observeDockerRequest('list', 0.01);
  const typeConflicts = [{ family: 'f', types: ['gauge', 'counter'] }];
  const report = scrapeReport([upReport(up!), downReport(down!, 'timeout')], { typeConflicts });
  return {
    own: families(Buffer.from(await metrics.expose(report)).toString()),
    process: families(Buffer.from(await metrics.exposeProcess()).toString()),
  };
}

describe('docs/self-metrics.md', () => {
  it('has each of our families with its type, and no other', async () => {
    const { own } = await exposition();
    const documented = rows.filter((cells) => cells.length === 4).map(([name, type]) => [name, type]);
    const real = [...own].map(([name, { type }]) => [`\`${name.slice(PREFIX.length)}\``, type]);
    expect(documented.toSorted()).toEqual(real.toSorted());
    for (const name of own.keys()) expect(name.startsWith(PREFIX)).toBe(true);
  });

  it('has their labels', async () => {
    const { own } = await exposition();
    for (const [name = '', , labels = '', meaning = ''] of rows.filter((cells) => cells.length === 4)) {
      const real = own.get(PREFIX + name.replaceAll('`', ''))?.labels ?? new Set();
      const documented = [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label);
      if (labels.includes('_identity_')) documented.push('container_name');
      if (labels.includes('see below')) documented.push(...infoLabels());
      expect([name, [...new Set(documented)].toSorted()]).toEqual([name, [...real].toSorted()]);
      expect(meaning).not.toBe('');
    }
  });

  it('has the families of the process with their types', async () => {
    const { process } = await exposition();
    const documented = rows.filter((cells) => cells.length === 2);
    const real = [...process].map(([name, { type }]) => [`\`${name}\``, type]);
    expect(documented.toSorted()).toEqual(real.toSorted());
  });
});

function infoLabels(): string[] {
  const sentence =
    /`target_info` has what identity doesn't already hold of ([\s\S]*?), as far/.exec(document)?.[1] ?? '';
  return [...sentence.matchAll(/`(\w+)`/g)].map(([, label = '']) => label);
}
