import ts from 'typescript';

import { ConfigurationError, loadSettings } from '../../../../src/infrastructure/config/load-settings.ts';
import {
  settingName,
  VARIABLES,
  type SettingName,
  type Variable,
  type VariableName,
} from '../../../../src/infrastructure/config/schema.ts';
import type { ExporterOptions } from '../../../../src/infrastructure/library/exporter-options.ts';
import { readOptions } from '../../../../src/infrastructure/library/read-options.ts';
import { readDocument } from '../../../support/markdown.ts';

const FILE = 'src/infrastructure/library/exporter-options.ts';

/** Options as a program without TypeScript may have them. */
function mistakesOf(options: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    readOptions(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
  return [];
}

/** The options by name, with the defaults in their comments. */
function documentedOptions(): Map<string, string | undefined> {
  const file = ts.createSourceFile(FILE, readDocument(FILE), ts.ScriptTarget.Latest, true);
  const options = file.statements.find(ts.isInterfaceDeclaration)!;
  return new Map(
    options.members.map((member) => {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
      return [member.name!.getText(), ts.getTextOfJSDocComment(tag?.comment)];
    }),
  );
}

type IsSame<A, B> = [A, B] extends [B, A] ? true : false;
type NameOfPart = 'fetcher' | 'relabeler' | 'logger' | 'clock' | 'registries' | 'configure';

describe('the options', () => {
  it('are the variables in camelCase, and the parts', () => {
    const isSame: IsSame<keyof ExporterOptions, SettingName | NameOfPart> = true;
    expect(isSame).toBe(true);
  });

  const documented = documentedOptions();
  it.each(Object.entries<Variable>(VARIABLES))(
    'document the default of %s',
    (variable, { format, default: value }) => {
      const shown = documented.get(settingName(variable));
      if (value === null) expect(shown).toBe(variable === 'DOCKER_TLS_VERIFY' ? 'false' : undefined);
      else expect(shown).toBe(asOption(String(format), value));
    },
  );
});

function asOption(format: string, value: string): string {
  if (/count|port/.test(format) || format === 'boolean-word') return value;
  if (format === 'switch') return String(value === 'on');
  return format === 'identity-labels' ? `['${value}']` : `'${value}'`;
}

describe('readOptions', () => {
  it('has the defaults of the variables', () => expect(readOptions({})).toEqual(loadSettings({})));

  it('reads every option as its variable is read', () => {
    const options: Omit<Required<ExporterOptions>, NameOfPart> = {
      dockerLabelHasMetrics: 'metrics',
      containerNameLabel: 'name',
      httpListenAddress: '::1',
      httpListenPort: 0,
      fetchMode: 'auto',
      execSession: false,
      scrapeTimeout: '1m30s',
      scrapeTimeoutOffset: '0s',
      targetTimeout: '2s',
      execConcurrency: 2,
      httpConcurrency: 3,
      reuseWithin: '4s',
      targetBodySizeLimit: '1MiB',
      targetSampleLimit: 5,
      scrapeBodySizeLimit: '2GiB',
      identityLabels: ['container_name', 'task_id'],
      honorLabels: true,
      expositionFormat: 'text',
      hostNetworkAddress: '127.0.0.1',
      taskMetadata: true,
      discovery: 'file',
      discoveryFiles: ['a.json', 'b.yml'],
      webConfigFile: 'web.yml',
      httpAllowCidrs: ['10.0.0.0/8', 'fd00::/8'],
      logLevel: 'debug',
      logFormat: 'pretty',
      dockerHost: 'tcp://127.0.0.1:2375',
      dockerTlsVerify: true,
      dockerCertPath: '/certs',
    };
    const variables: Record<VariableName, string> = {
      DOCKER_LABEL_HAS_METRICS: 'metrics',
      CONTAINER_NAME_LABEL: 'name',
      HTTP_LISTEN_ADDRESS: '::1',
      HTTP_LISTEN_PORT: '0',
      FETCH_MODE: 'auto',
      EXEC_SESSION: 'off',
      SCRAPE_TIMEOUT: '1m30s',
      SCRAPE_TIMEOUT_OFFSET: '0s',
      TARGET_TIMEOUT: '2s',
      EXEC_CONCURRENCY: '2',
      HTTP_CONCURRENCY: '3',
      REUSE_WITHIN: '4s',
      TARGET_BODY_SIZE_LIMIT: '1MiB',
      TARGET_SAMPLE_LIMIT: '5',
      SCRAPE_BODY_SIZE_LIMIT: '2GiB',
      IDENTITY_LABELS: 'container_name,task_id',
      HONOR_LABELS: 'true',
      EXPOSITION_FORMAT: 'text',
      HOST_NETWORK_ADDRESS: '127.0.0.1',
      TASK_METADATA: 'on',
      DISCOVERY: 'file',
      DISCOVERY_FILES: 'a.json,b.yml',
      WEB_CONFIG_FILE: 'web.yml',
      HTTP_ALLOW_CIDRS: '10.0.0.0/8,fd00::/8',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'pretty',
      DOCKER_HOST: 'tcp://127.0.0.1:2375',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/certs',
    };
    expect(readOptions(options)).toEqual(loadSettings(variables));
    expect(readOptions({ dockerTlsVerify: false }).dockerTlsVerify).toBe(false);
  });

  it('treats an option that is undefined as not given', () =>
    expect(mistakesOf({ targetTimeout: undefined, logger: undefined })).toEqual([]));

  it("uses http by default with a discovery of one's own", () => {
    const discovery = { discover: () => Promise.resolve([]) };
    expect(readOptions({ discovery }).fetchMode).toBe('http');
    expect(readOptions({ discovery, fetchMode: 'auto' }).fetchMode).toBe('auto');
  });

  it('lists all mistakes at once, by the names of the options', () => {
    const mistakes = mistakesOf({
      httpListenPort: 70_000,
      targetTimeout: 5,
      execSession: 'yes',
      targetTimeOut: '5s',
      discovery: {},
      logger: { info: () => undefined },
      fetcher: null,
      discoveryFiles: ['{a,b}.json'],
      identityLabels: [],
      registries: { 'ecs-service-metrics-exporter': {} },
    });
    expect(mistakes).toEqual([
      'targetTimeOut is not an option',
      'discovery: expected an object with discover()',
      'logger: expected an object with debug()',
      'logger: expected an object with warn()',
      'logger: expected an object with error()',
      'fetcher: expected an object with fetch()',
      'discoveryFiles: an item with a comma can not be given',
      `registries: "ecs-service-metrics-exporter" can not be a registry's name`,
      'registries: "ecs-service-metrics-exporter" has no metrics()',
      'identityLabels is set but empty: give it a value or leave it out',
      expect.stringMatching(/^httpListenPort: expected a port .*"70000"$/),
      expect.stringMatching(/^execSession: expected on or off/),
      expect.stringMatching(/^targetTimeout: expected a duration .*"5"$/),
      'discoveryFiles: only read with discovery=file',
    ]);
  });

  it.each([
    [{ registries: null }, 'registries: expected an object of registries by their names'],
    [{ registries: { jobs: null } }, 'registries: "jobs" has no metrics()'],
    [{ configure: 'x' }, 'configure: expected a function'],
  ])('%j is a mistake', (options, mistake) => expect(mistakesOf(options)).toEqual([mistake]));

  it('names the options in contradictions, too', () =>
    expect(mistakesOf({ discovery: 'file' })).toEqual([
      'discoveryFiles: expected at least one file with discovery=file',
    ]));
});
