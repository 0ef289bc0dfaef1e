import type { SecureVersion } from 'node:tls';

export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** PEM text, in a file or in the configuration itself. `key` is where the configuration names it. */
export type PemSource =
  { readonly key: string; readonly file: string } | { readonly key: string; readonly pem: string };

export interface TlsSettings {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientCa: PemSource | undefined;
  readonly clientAuth: ClientAuthType;
  /** Of these SANs a client certificate must have one; undefined: any will do. */
  readonly clientAllowedSans: readonly string[] | undefined;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** In OpenSSL's notation; undefined: the defaults of Node.js. */
  readonly ciphers: string | undefined;
  readonly curves: string | undefined;
  readonly honorCipherOrder: boolean;
}

/** A token bucket: one request per interval, up to `burst` at once. */
export interface RateLimit {
  readonly intervalMs: number;
  readonly burst: number;
}

/**
 * What a web configuration file says, in the format of Prometheus' exporter-toolkit.
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Added to every response. */
  readonly headers: ReadonlyMap<string, string>;
  /** User name to bcrypt hash; empty: no basic auth. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}

export const OPEN_WEB_CONFIG: WebConfig = {
  tls: undefined,
  headers: new Map(),
  users: new Map(),
  rateLimit: undefined,
};

/** The web configuration can't be used. Holds every mistake, each one line for a person and without secrets. */
export class WebConfigError extends Error {
  override readonly name = 'WebConfigError';
  readonly mistakes: readonly string[];

  constructor(file: string, mistakes: readonly string[]) {
    super(`${file}: ${mistakes.join('; ')}`);
    this.mistakes = mistakes.map((mistake) => `${file}: ${mistake}`);
  }
}
