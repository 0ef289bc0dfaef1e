import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { loadSettings } from '../../../src/infrastructure/config/load-settings.ts';
import { PROJECT, readDocument } from '../../support/markdown.ts';
import { promtool } from '../../support/promtool.ts';

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly mem_limit?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, null>>;
  readonly configs?: Readonly<Record<string, { readonly content: string }>>;
}

const FILES = ['compose.yaml', 'deploy/socket-proxy/compose.yaml'];
const SOCKET = '/var/run/docker.sock:/var/run/docker.sock';

function readCompose(file: string): Compose {
  return parse(readDocument(file)) as Compose;
}

describe.each(FILES)('%s', (file) => {
  const { services, volumes = {}, configs = {} } = readCompose(file);
  const folder = join(PROJECT, dirname(file));
  const exporter = services['ecs-service-metrics-exporter'];

  it.each(Object.entries(services))('declares all that %s refers to', (_name, service) => {
    expect([service.build, service.image].filter(Boolean)).toHaveLength(1);
    if (service.build !== undefined) expect(existsSync(join(folder, service.build, 'Dockerfile'))).toBe(true);
    for (const other of service.depends_on ?? []) expect(Object.keys(services)).toContain(other);
    for (const { source } of service.configs ?? []) expect(Object.keys(configs)).toContain(source);
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect([source, existsSync(join(folder, source))]).toEqual([source, true]);
      else if (!source.startsWith('/')) expect(Object.keys(volumes)).toContain(source);
    }
    // A laptop's other neighbours need not see any of it.
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('runs the exporter with no more than it needs', () => {
    expect(exporter).toMatchObject({ read_only: true, cap_drop: ['ALL'], mem_limit: '128m' });
  });

  it('configures the exporter validly', () => {
    expect(() => loadSettings(exporter?.environment ?? {})).not.toThrow();
  });

  it('has a service to scrape', () => {
    const labels = Object.values(services).flatMap((service) => Object.keys(service.labels ?? {}));
    expect(labels).toContain('container-exposes-metrics');
  });
});

describe('the socket proxy', () => {
  const { services } = readCompose('deploy/socket-proxy/compose.yaml');

  it('alone has the Docker socket', () => {
    const holders = Object.entries(services).filter(([, { volumes }]) => volumes?.includes(SOCKET));
    expect(holders.map(([name]) => name)).toEqual(['docker-socket-proxy']);
  });

  it('is all that the exporter knows of Docker', () => {
    expect(services['ecs-service-metrics-exporter']).toMatchObject({
      user: '65532:65532',
      environment: { FETCH_MODE: 'http', DOCKER_HOST: 'unix:///run/docker-proxy/docker.sock' },
      volumes: ['filtered-socket:/run/docker-proxy:ro'],
    });
  });
});

describe("the laptop's Prometheus", () => {
  it('has a configuration that promtool takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'compose-prometheus-'));
    try {
      const file = join(folder, 'prometheus.yml');
      writeFileSync(file, readCompose('compose.yaml').configs?.['prometheus']?.content ?? '');
      expect(promtool(['check', 'config', file])).toMatch(/SUCCESS/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
