import type { SecureVersion } from 'node:tls';

/** Go's names for what a server asks of its clients. https://pkg.go.dev/crypto/tls#ClientAuthType */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** What each type asks of a client. A required certificate of `RequireAnyClientCert` may be signed by anybody. */
export const CLIENT_AUTH_RULES: Readonly<
  Record<
    ClientAuthType,
    { readonly requests: boolean; readonly requires: boolean; readonly verifies: boolean }
  >
> = {
  NoClientCert: { requests: false, requires: false, verifies: false },
  RequestClientCert: { requests: true, requires: false, verifies: false },
  RequireAnyClientCert: { requests: true, requires: true, verifies: false },
  VerifyClientCertIfGiven: { requests: true, requires: false, verifies: true },
  RequireAndVerifyClientCert: { requests: true, requires: true, verifies: true },
};

/** PEM text, in a file or in the configuration itself. `key` is the path of its setting in the configuration. */
export type PemSource =
  { readonly key: string; readonly file: string } | { readonly key: string; readonly pem: string };

export interface TlsSettings {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientCa: PemSource | undefined;
  readonly clientAuth: ClientAuthType;
  /** A client certificate must have one of these SANs; undefined: any will do. */
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
 * The contents of a web configuration file, in the format of Prometheus' exporter-toolkit.
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

/** The web configuration can't be used. Has one line for each mistake, for a person and without secrets. */
export class WebConfigError extends Error {
  override readonly name = 'WebConfigError';
  readonly mistakes: readonly string[];

  constructor(file: string, mistakes: readonly string[]) {
    super(`${file}: ${mistakes.join('; ')}`);
    this.mistakes = mistakes.map((mistake) => `${file}: ${mistake}`);
  }
}
