import type convict from 'convict';

import { IDENTITY_LABEL_NAMES } from '../../domain/targets/identity.ts';
import { FETCH_MODES } from '../../domain/targets/target.ts';
import { readAs } from './formats.ts';

/** One environment variable: its format (one of ours or a list of words), its default and its meaning. */
export interface Variable {
  readonly format: string | readonly string[];
  /** As text; null: not set. */
  readonly default: string | null;
  readonly doc: string;
}

/** Every environment variable that the exporter reads; `.env.example` is compared with it by a test. */
export const VARIABLES = {
  DOCKER_LABEL_HAS_METRICS: {
    format: 'label-name',
    default: 'container-exposes-metrics',
    doc: 'Docker label that marks a target and holds its endpoints: PORT/path, several separated by commas',
  },
  CONTAINER_NAME_LABEL: {
    format: 'label-name',
    default: 'com.amazonaws.ecs.container-name',
    doc: 'Docker label that container_name is read from; a container without it gets its Docker name',
  },
  HTTP_LISTEN_ADDRESS: { format: 'ip-address', default: '0.0.0.0', doc: 'address to listen on' },
  HTTP_LISTEN_PORT: { format: 'tcp-port', default: '9102', doc: 'port to listen on' },
  FETCH_MODE: {
    format: FETCH_MODES,
    default: 'exec',
    doc: 'exec: curl or wget inside the container; http: straight to its address; auto: http first, exec where it can not connect',
  },
  EXEC_SESSION: {
    format: 'switch',
    default: 'on',
    doc: 'on: one long-lived exec per container; off: one exec per fetch',
  },
  SCRAPE_TIMEOUT: {
    format: 'positive-duration',
    default: null,
    doc: "budget of a scrape without a timeout header (10s if not set), and the most that the header's may be",
  },
  SCRAPE_TIMEOUT_OFFSET: {
    format: 'duration',
    default: '500ms',
    doc: "taken off the timeout header's value: merging, gzip and the way back",
  },
  TARGET_TIMEOUT: { format: 'positive-duration', default: '5s', doc: "time limit of one endpoint's fetch" },
  EXEC_CONCURRENCY: { format: 'positive-count', default: '8', doc: 'execs being started at once' },
  HTTP_CONCURRENCY: { format: 'positive-count', default: '64', doc: 'HTTP fetches in flight at once' },
  REUSE_WITHIN: {
    format: 'duration',
    default: '0s',
    doc: 'a successful fetch younger than this is served again (two Prometheus servers)',
  },
  TARGET_BODY_SIZE_LIMIT: {
    format: 'byte-size',
    default: '16MiB',
    doc: 'largest body of one endpoint; over it, that endpoint fails',
  },
  TARGET_SAMPLE_LIMIT: {
    format: 'count',
    default: '0',
    doc: 'most samples of one endpoint; over it, that endpoint fails; 0: no limit',
  },
  SCRAPE_BODY_SIZE_LIMIT: {
    format: 'byte-size',
    default: null,
    doc: 'all bodies of one scrape; the endpoints over it fail. Not set: a quarter of the memory limit, at most 1GiB',
  },
  IDENTITY_LABELS: {
    format: 'identity-labels',
    default: 'container_name',
    doc: `labels added to every sample, a comma list out of ${IDENTITY_LABEL_NAMES.join(', ')}`,
  },
  HONOR_LABELS: {
    format: 'boolean-word',
    default: 'false',
    doc: "true: a sample's own identity label stays and ours is not added; false: it is renamed to exported_<label>",
  },
  EXPOSITION_FORMAT: {
    format: ['auto', 'text'],
    default: 'auto',
    doc: 'auto: negotiated with the scraper; text: always text 0.0.4',
  },
  HOST_NETWORK_ADDRESS: {
    format: 'ip-address',
    default: null,
    doc: 'where http mode reaches a container in host network mode. Not set: 127.0.0.1 where we share the host network, else none',
  },
  TASK_METADATA: {
    format: 'switch',
    default: 'off',
    doc: "on: ask the ECS task metadata endpoint, from inside each container, for its service's name",
  },
  DISCOVERY: {
    format: ['docker', 'file'],
    default: 'docker',
    doc: 'docker: labelled containers; file: DISCOVERY_FILES',
  },
  DISCOVERY_FILES: {
    format: 'comma-list',
    default: null,
    doc: "comma list of files or globs in Prometheus' file_sd format (JSON or YAML)",
  },
  WEB_CONFIG_FILE: {
    format: 'text',
    default: null,
    doc: 'TLS and basic auth, in the format of the Prometheus exporter-toolkit',
  },
  HTTP_ALLOW_CIDRS: {
    format: 'cidr-list',
    default: null,
    doc: 'comma list of networks that may connect (socket peer only)',
  },
  LOG_LEVEL: {
    format: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    doc: 'least level that is logged',
  },
  LOG_FORMAT: {
    format: ['json', 'pretty'],
    default: 'json',
    doc: 'json: one object a line; pretty: for people',
  },
  DOCKER_HOST: {
    format: 'docker-host',
    default: null,
    doc: 'where the Docker daemon listens: unix:///path or tcp://host:port. Not set: unix:///var/run/docker.sock',
  },
  DOCKER_TLS_VERIFY: {
    format: 'text',
    default: null,
    doc: "any value: TLS to the daemon, as Docker's own client takes it",
  },
  DOCKER_CERT_PATH: {
    format: 'text',
    default: null,
    doc: 'folder with ca.pem, cert.pem and key.pem for the daemon',
  },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;

/** The name of a variable's setting in TypeScript: `targetTimeout` for `TARGET_TIMEOUT`. */
export type SettingName<Name extends string = VariableName> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<SettingName<Tail>>}`
  : Lowercase<Name>;

export function settingName(variable: string): string {
  return variable.toLowerCase().replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** The schema for convict. Its properties have the names of the variables, so that convict's messages do, too. */
export function convictSchema(): convict.Schema<Record<VariableName, unknown>> {
  const entries = Object.entries<Variable>(VARIABLES).map(([name, { format, default: value, doc }]) => [
    name,
    typeof format === 'string'
      ? { doc, env: name, nullable: true, format, default: value === null ? null : readAs(format, value) }
      : { doc, env: name, format: [...format], default: value },
  ]);
  return Object.fromEntries(entries) as convict.Schema<Record<VariableName, unknown>>;
}
