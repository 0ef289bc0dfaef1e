import { readFileSync } from 'node:fs';

import {
  ConfigurationError,
  idleSettings,
  loadSettings,
  misspeltVariables,
} from '../../../../src/infrastructure/config/load-settings.ts';
import { VARIABLES } from '../../../../src/infrastructure/config/schema.ts';

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('loadSettings', () => {
  it('has the documented defaults', () => {
    expect({ ...loadSettings({}), scrapeBodySizeLimit: 0 }).toEqual({
      dockerLabelHasMetrics: 'container-exposes-metrics',
      containerNameLabel: 'com.amazonaws.ecs.container-name',
      httpListenAddress: '0.0.0.0',
      httpListenPort: 9102,
      fetchMode: 'exec',
      execSession: true,
      scrapeTimeout: undefined,
      scrapeTimeoutOffset: 500,
      targetTimeout: 5000,
      execConcurrency: 8,
      httpConcurrency: 64,
      reuseWithin: 0,
      targetBodySizeLimit: 16 * 2 ** 20,
      targetSampleLimit: 0,
      scrapeBodySizeLimit: 0,
      identityLabels: ['container_name'],
      honorLabels: false,
      expositionFormat: 'auto',
      hostNetworkAddress: undefined,
      discovery: 'docker',
      discoveryFiles: [],
      taskMetadata: false,
      webConfigFile: undefined,
      httpAllowCidrs: [],
      logLevel: 'info',
      logFormat: 'json',
      dockerHost: undefined,
      dockerTlsVerify: false,
      dockerCertPath: undefined,
    });
  });

  it('reads what is set', () => {
    expect(
      loadSettings({
        HTTP_LISTEN_ADDRESS: '::1',
        HTTP_LISTEN_PORT: '0',
        FETCH_MODE: 'auto',
        EXEC_SESSION: 'off',
        SCRAPE_TIMEOUT: '1m30s',
        TARGET_BODY_SIZE_LIMIT: '64MiB',
        IDENTITY_LABELS: 'container_name, task_id',
        HONOR_LABELS: 'true',
        HTTP_ALLOW_CIDRS: '10.0.0.0/8,fd00::/8',
        DOCKER_TLS_VERIFY: '1',
      }),
    ).toMatchObject({
      httpListenAddress: '::1',
      httpListenPort: 0,
      fetchMode: 'auto',
      execSession: false,
      scrapeTimeout: 90_000,
      targetBodySizeLimit: 64 * 2 ** 20,
      identityLabels: ['container_name', 'task_id'],
      honorLabels: true,
      httpAllowCidrs: [
        { family: 'ipv4', address: '10.0.0.0', prefix: 8 },
        { family: 'ipv6', address: 'fd00::', prefix: 8 },
      ],
      dockerTlsVerify: true,
    });
  });

  describe('refuses', () => {
    const refuses = (name: string, value: string, why: RegExp): void =>
      it(`${name}=${value}`, () => {
        const [mistake, ...others] = mistakesOf({ [name]: value });
        expect(others).toEqual([]);
        expect(mistake).toMatch(why);
        expect(mistake).toMatch(new RegExp(`^${name}`));
      });

    refuses('HTTP_LISTEN_PORT', '9x', /a port from 0 to 65535.*"9x"/);
    refuses('HTTP_LISTEN_PORT', '65536', /a port/);
    refuses('HTTP_LISTEN_PORT', '-1', /a port/);
    refuses('HTTP_LISTEN_PORT', '1e3', /a port/);
    refuses('HTTP_LISTEN_ADDRESS', 'localhost', /IP address/);
    refuses('FETCH_MODE', 'curl', /exec.*http.*auto/);
    refuses('EXEC_SESSION', 'true', /on or off/);
    refuses('HONOR_LABELS', 'yes', /true or false/);
    refuses('TARGET_TIMEOUT', '5', /duration such as 10s/);
    refuses('TARGET_TIMEOUT', '0s', /longer than 0/);
    refuses('TARGET_TIMEOUT', '25h', /at most 24h/);
    refuses('TARGET_BODY_SIZE_LIMIT', '16MB', /MiB/);
    refuses('TARGET_BODY_SIZE_LIMIT', '0MiB', /a size/);
    refuses('EXEC_CONCURRENCY', '0', /whole number from 1/);
    refuses('TARGET_SAMPLE_LIMIT', '1.5', /whole number/);
    refuses('IDENTITY_LABELS', 'container_name,host', /not host/);
    refuses('IDENTITY_LABELS', 'task_id,task_id', /once/);
    refuses('HTTP_ALLOW_CIDRS', '10.0.0.0', /10\.0\.0\.0/);
    refuses('HTTP_ALLOW_CIDRS', '10.0.0.0/33', /"10\.0\.0\.0\/33" has a prefix length/);
    refuses('DOCKER_HOST', '/var/run/docker.sock', /unix:\/\/\//);
    refuses('DOCKER_HOST', 'tcp://docker:99999', /tcp:\/\/host:port/);
    refuses('DOCKER_LABEL_HAS_METRICS', 'a b', /without blanks/);
    refuses('LOG_LEVEL', 'INFO', /debug/);
    refuses('DISCOVERY', 'file', /DISCOVERY_FILES/);
    refuses('DISCOVERY_FILES', '/etc/targets.json', /DISCOVERY=file/);
    for (const name of Object.keys(VARIABLES).filter(
      (variable) => !/^DOCKER_(?:HOST|TLS_VERIFY|CERT_PATH)$/.test(variable),
    )) {
      refuses(name, '', /set but empty/);
    }
  });

  it("treats empty variables of Docker as not set, as Docker's client does", () => {
    const env = { DOCKER_HOST: '', DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '' };
    expect(loadSettings(env)).toMatchObject({
      dockerHost: undefined,
      dockerTlsVerify: false,
      dockerCertPath: undefined,
    });
  });

  it('lists all mistakes at once', () => {
    expect(mistakesOf({ HTTP_LISTEN_PORT: '9x', FETCH_MODE: 'x', TARGET_TIMEOUT: '' })).toHaveLength(3);
    expect(mistakesOf({ HTTP_LISTEN_PORT: '9x', DISCOVERY: 'file' })).toHaveLength(2);
    expect(mistakesOf({ DISCOVERY: 'files', DISCOVERY_FILES: '/x.json' })).toHaveLength(1);
  });

  it('warns of an identity label that nothing would ever have', () => {
    const asked = { IDENTITY_LABELS: 'container_name,service' };
    const files = { DISCOVERY: 'file', DISCOVERY_FILES: '/x.json' };
    expect(idleSettings(loadSettings(asked))).toEqual([expect.stringContaining('TASK_METADATA=on')]);
    expect(idleSettings(loadSettings({ ...asked, TASK_METADATA: 'on' }))).toEqual([]);
    expect(idleSettings(loadSettings({ ...asked, ...files }))).toEqual([]);
    expect(idleSettings(loadSettings({}))).toEqual([]);
  });

  it('suggests the variable that a misspelt one may mean', () => {
    expect(
      misspeltVariables({
        TARGET_TIMOUT: '1s',
        FETCHMODE: 'x',
        PATH: '/bin',
        HTTP_PROXY: 'x',
        LOG_LEVEL: 'info',
      }),
    ).toEqual([
      'TARGET_TIMOUT is not a variable of this program: did you mean TARGET_TIMEOUT?',
      'FETCHMODE is not a variable of this program: did you mean FETCH_MODE?',
    ]);
  });
});

describe('.env.example', () => {
  const lines = readFileSync(new URL('../../../../.env.example', import.meta.url), 'utf8').split('\n');

  it('names every variable with its default and its meaning, in the order of the schema', () => {
    const entries = lines.flatMap((line, i) => {
      const match = /^# ([A-Z_]+)=(.*)$/.exec(line);
      return match === null ? [] : [[match[1], match[2], lines[i - 1]?.replace(/^# /, '')]];
    });
    expect(entries).toEqual(
      Object.entries(VARIABLES).map(([name, { default: value, doc }]) => [name, value ?? '', doc]),
    );
  });

  it('sets nothing: a copy of it changes no default', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });
});
