import type { Cidr } from '../../adapters/web/allow-list.ts';
import type { FormatSetting } from '../../domain/exposition/format.ts';
import type { IdentityLabelName } from '../../domain/targets/identity.ts';
import type { FetchMode } from '../../domain/targets/target.ts';

/** All settings of the exporter, named after their variables. Durations in milliseconds, sizes in bytes. */
export interface Settings {
  readonly dockerLabelHasMetrics: string;
  readonly containerNameLabel: string;
  readonly httpListenAddress: string;
  readonly httpListenPort: number;
  readonly fetchMode: FetchMode;
  readonly execSession: boolean;
  readonly scrapeTimeout: number | undefined;
  readonly scrapeTimeoutOffset: number;
  readonly targetTimeout: number;
  readonly execConcurrency: number;
  readonly httpConcurrency: number;
  readonly reuseWithin: number;
  readonly targetBodySizeLimit: number;
  readonly targetSampleLimit: number;
  readonly scrapeBodySizeLimit: number;
  readonly identityLabels: readonly IdentityLabelName[];
  readonly honorLabels: boolean;
  readonly expositionFormat: FormatSetting;
  /** Undefined: 127.0.0.1 if this container is in the host network, too, else none. */
  readonly hostNetworkAddress: string | undefined;
  readonly discovery: 'docker' | 'file';
  readonly discoveryFiles: readonly string[];
  readonly taskMetadata: boolean;
  readonly webConfigFile: string | undefined;
  readonly httpAllowCidrs: readonly Cidr[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
  readonly dockerHost: string | undefined;
  readonly dockerTlsVerify: boolean;
  readonly dockerCertPath: string | undefined;
}

/** The fetch mode of targets without their own option. Targets from files are not containers: only plain HTTP reaches them. */
export function defaultFetchMode({ discovery, fetchMode }: Settings): FetchMode {
  return discovery === 'file' ? 'http' : fetchMode;
}
