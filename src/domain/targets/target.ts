import { endpointKey, type Endpoint, type InvalidEndpoint } from './endpoint.ts';

/** The ways in which the bodies of a target can be fetched. */
export const FETCH_MODES = ['exec', 'http', 'auto'] as const;
/** One of these ways. */
export type FetchMode = (typeof FETCH_MODES)[number];

/** The address where plain HTTP reaches a target, or why there is none and what to do about it. */
export type TargetAddress =
  | {
      readonly kind: 'ip';
      /** IPv4, or IPv6 without brackets. A host name only from the file discovery: the operator has written it. */
      readonly host: string;
    }
  | { readonly kind: 'none'; readonly hint: string };

/** Facts about a target that can become identity labels. Absent if the discovery doesn't know them. */
export interface TargetAttributes {
  /** 64 hex digits for a Docker container. */
  readonly containerId?: string;
  /** Docker's name, without the leading slash. */
  readonly dockerName?: string;
  readonly image?: string;
  readonly taskArn?: string;
  readonly taskFamily?: string;
  readonly taskRevision?: string;
  /** As the ECS agent writes it: a name or an ARN. */
  readonly cluster?: string;
  /** ECS service, from the task metadata endpoint; only with TASK_METADATA=on. */
  readonly service?: string;
}

/** Options that a target sets with its own labels; absent: the exporter's setting. */
export interface TargetOptions {
  readonly fetchMode?: FetchMode;
  readonly timeoutMs?: number;
  /** 0: no limit. */
  readonly sampleLimit?: number;
  readonly scheme: 'http' | 'https';
  readonly verifiesTls: boolean;
  /** One line for each option label that was ignored, with the correct form. */
  readonly warnings: readonly string[];
}

/** How a target with these options is connected to: an https target's certificate is verified only where that was asked for. */
export function tlsOf({
  scheme,
  verifiesTls,
}: Pick<TargetOptions, 'scheme' | 'verifiesTls'>): 'none' | 'unverified' | 'verified' {
  if (scheme === 'http') return 'none';
  return verifiesTls ? 'verified' : 'unverified';
}

/** The options of a target without option labels. */
export const DEFAULT_TARGET_OPTIONS: TargetOptions = { scheme: 'http', verifiesTls: false, warnings: [] };

/** A target's id for people: the first 12 digits of a container id, as Docker shows it; any other id whole. */
export function shortTargetId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

/** One labelled container (or an entry of another discovery) with its endpoints. */
export interface Target {
  /** Unique on this host and stable while the target lives: the container id. */
  readonly id: string;
  /** The value of the label `container_name`. */
  readonly containerName: string;
  /** Unix time, seconds. Of two targets, the one created first is the older. */
  readonly createdSeconds: number;
  readonly address: TargetAddress;
  readonly endpoints: readonly Endpoint[];
  readonly invalidEndpoints: readonly InvalidEndpoint[];
  readonly attributes: TargetAttributes;
  readonly options: TargetOptions;
}

/** Tells the endpoints of this host apart. The same in every scrape as long as the target lives. */
export function targetEndpointKey({ id }: Target, endpoint: Endpoint): string {
  return `${id} ${endpointKey(endpoint)}`;
}
