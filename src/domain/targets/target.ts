import type { Endpoint, InvalidEndpoint } from './endpoint.ts';

/** How the bodies of a target are fetched. */
export const FETCH_MODES = ['exec', 'http', 'auto'] as const;
/** How a target is fetched. */
export type FetchMode = (typeof FETCH_MODES)[number];

/** Where plain HTTP reaches a target, or why it can't and what to do about it. */
export type TargetAddress =
  | {
      readonly kind: 'ip';
      /** IPv4, or IPv6 without brackets. File discovery, whose source is the operator's own, may give a name. */
      readonly host: string;
    }
  | { readonly kind: 'none'; readonly hint: string };

/** What a target is known by. Absent where the discovery doesn't know it. */
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
  /** ECS service, from the task metadata endpoint; only where TASK_METADATA is on. */
  readonly service?: string;
}

/** What a target asks for by its own labels; absent means the exporter's setting. */
export interface TargetOptions {
  readonly fetchMode?: FetchMode;
  readonly timeoutMs?: number;
  /** 0: none. */
  readonly sampleLimit?: number;
  readonly scheme: 'http' | 'https';
  readonly verifiesTls: boolean;
  /** Option labels that were ignored, each with what would be right. */
  readonly warnings: readonly string[];
}

/** The options of a target that asks for nothing. */
export const DEFAULT_TARGET_OPTIONS: TargetOptions = { scheme: 'http', verifiesTls: false, warnings: [] };

/** A target's id as people read it: the first 12 digits of a container's, as Docker shows it; any other one whole. */
export function shortTargetId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

/** One labelled container (or an entry of another discovery) with its endpoints. */
export interface Target {
  /** Unique on this host and stable while the target lives: the container id. */
  readonly id: string;
  /** What `container_name` says. */
  readonly containerName: string;
  /** Unix time, seconds. Decides who is the older of two targets. */
  readonly createdSeconds: number;
  readonly address: TargetAddress;
  readonly endpoints: readonly Endpoint[];
  readonly invalidEndpoints: readonly InvalidEndpoint[];
  readonly attributes: TargetAttributes;
  readonly options: TargetOptions;
}
