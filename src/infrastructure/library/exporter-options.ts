import type { MetricsRegistry } from '../../adapters/prom-client/registry-metrics-source.ts';
import type { Clock } from '../../domain/clock.ts';
import type { FormatSetting } from '../../domain/exposition/format.ts';
import type { IdentityLabelName } from '../../domain/targets/identity.ts';
import type { Logger } from '../../domain/logger.ts';
import type { MetricsFetcher } from '../../domain/fetching/metrics-fetcher.ts';
import type { MetricsRelabeler } from '../../domain/exposition/metrics-relabeler.ts';
import type { TargetDiscovery } from '../../domain/targets/target-discovery.ts';
import type { FetchMode } from '../../domain/targets/target.ts';
import type { Configure } from '../container/services.ts';

/**
 * Options of `createExporter`: the exporter's variables in camelCase, with the same defaults and the same checks, and parts that
 * replace its own. The environment is never read. Durations are written as Prometheus writes them (`'10s'`, `'500ms'`), sizes
 * as `'16MiB'`.
 */
export interface ExporterOptions {
  /** Docker label that marks a target and holds its endpoints: `PORT/path`, several separated by commas. @defaultValue 'container-exposes-metrics' */
  readonly dockerLabelHasMetrics?: string;
  /** Docker label that `container_name` is read from; a container without it gets its Docker name. @defaultValue 'com.amazonaws.ecs.container-name' */
  readonly containerNameLabel?: string;
  /** Where `start()` listens. @defaultValue '0.0.0.0' */
  readonly httpListenAddress?: string;
  /** Where `start()` listens; 0: any free port. @defaultValue 9102 */
  readonly httpListenPort?: number;
  /**
   * `exec`: curl or wget inside the container; `http`: straight to its address; `auto`: http first, exec if it can't connect.
   * With the discovery `file` it is always `http`, and with a discovery of your own that is the default. @defaultValue 'exec'
   */
  readonly fetchMode?: FetchMode;
  /** One long-lived exec per container instead of one per fetch. @defaultValue true */
  readonly execSession?: boolean;
  /** Budget of a scrape that names no timeout (10 s if not set), and an upper limit for one that does. */
  readonly scrapeTimeout?: string;
  /** Subtracted from the timeout that a scrape names, for merging, gzip and sending the answer. @defaultValue '500ms' */
  readonly scrapeTimeoutOffset?: string;
  /** Time limit of one endpoint's fetch. @defaultValue '5s' */
  readonly targetTimeout?: string;
  /** Execs being started at once. @defaultValue 8 */
  readonly execConcurrency?: number;
  /** HTTP fetches in flight at once. @defaultValue 64 */
  readonly httpConcurrency?: number;
  /** A successful fetch younger than this is used again. @defaultValue '0s' */
  readonly reuseWithin?: string;
  /** Largest body of one endpoint; over it, that endpoint fails. @defaultValue '16MiB' */
  readonly targetBodySizeLimit?: string;
  /** Most samples of one endpoint; over it, that endpoint fails; 0: no limit. @defaultValue 0 */
  readonly targetSampleLimit?: number;
  /** Largest size of all bodies of one scrape together; the endpoints over it fail. Not set: a quarter of the memory limit, at most 1 GiB. */
  readonly scrapeBodySizeLimit?: string;
  /** Labels added to every sample. @defaultValue ['container_name'] */
  readonly identityLabels?: readonly IdentityLabelName[];
  /** A sample's own identity label stays and ours is not added, instead of being renamed to `exported_<label>`. @defaultValue false */
  readonly honorLabels?: boolean;
  /** `auto`: negotiated with the scraper; `text`: always text 0.0.4. @defaultValue 'auto' */
  readonly expositionFormat?: FormatSetting;
  /** Where http mode reaches a container in host network mode. Not set: 127.0.0.1 if the exporter is in the host network, too, else none. */
  readonly hostNetworkAddress?: string;
  /** Ask the ECS task metadata endpoint, from inside each container, for its service's name. @defaultValue false */
  readonly taskMetadata?: boolean;
  /** `docker`: labelled containers; `file`: the targets in `discoveryFiles`; or a discovery of your own. @defaultValue 'docker' */
  readonly discovery?: 'docker' | 'file' | TargetDiscovery;
  /** Files or globs in Prometheus' file_sd format (JSON or YAML); only with the discovery `file`. */
  readonly discoveryFiles?: readonly string[];
  /** TLS and basic auth of `start()`, in the format of the Prometheus exporter-toolkit. */
  readonly webConfigFile?: string;
  /** Networks that may connect where `start()` listens (socket peer only). Not set: all. */
  readonly httpAllowCidrs?: readonly string[];
  /** Least level that is logged. @defaultValue 'info' */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** `json`: one object a line; `pretty`: for people. @defaultValue 'json' */
  readonly logFormat?: 'json' | 'pretty';
  /** Where the Docker daemon listens: `unix:///path` or `tcp://host:port`. Not set: `unix:///var/run/docker.sock`. */
  readonly dockerHost?: string;
  /** TLS to the daemon, and its certificate is verified. @defaultValue false */
  readonly dockerTlsVerify?: boolean;
  /** Folder with ca.pem, cert.pem and key.pem for the daemon. */
  readonly dockerCertPath?: string;

  /** Fetches the endpoints; `fetchMode` is then not used. Time limits, size limits and sharing still apply. */
  readonly fetcher?: MetricsFetcher;
  /** Merges the bodies instead of the exporter's own engine. */
  readonly relabeler?: MetricsRelabeler;
  /** Receives the log messages instead of standard error; `logLevel` and `logFormat` are then not used. */
  readonly logger?: Logger;
  /** Tells the time; for tests. */
  readonly clock?: Clock;
  /** prom-client registries that are merged as further sources. The keys are the values of their samples' `container_name`. */
  readonly registries?: Readonly<Record<string, MetricsRegistry>>;
  /**
   * Changes the bindings of the Inversify container, after all other options and before any part is created:
   * `container.rebind(ports.fetcher)` replaces a part, `container.onActivation(ports.fetcher, (_context, fetcher) => …)` wraps
   * the existing one.
   */
  readonly configure?: Configure;
}
