/** A proxy as a variable names it. */
export interface Proxy {
  /** The variable, in the case in which it was set. */
  readonly variable: string;
  /** Scheme, host and port; no credentials. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`; undefined where the variable holds no credentials. */
  readonly authorization: string | undefined;
}

export interface ProxySettings {
  readonly http: Proxy | undefined;
  readonly https: Proxy | undefined;
  /** `NO_PROXY` as it was given. */
  readonly exempt: string;
  /** Hosts that are never asked through a proxy, besides those that the contract names (section 11). */
  readonly direct: readonly string[];
}

/** A file, and the variable that names it. */
export interface NamedFile {
  readonly variable: string;
  readonly path: string;
}

export interface TrustSettings {
  /** Files of PEM certificates to trust. */
  readonly files: readonly NamedFile[];
  /** For AWS alone. */
  readonly awsFile: NamedFile | undefined;
  /** `SSL_CERT_DIR`. */
  readonly directories: readonly string[];
  /** Whether `files` are trusted alone: neither Node's roots nor the system's store beside them. */
  readonly only: boolean;
}

export interface ClientCertificateSettings {
  readonly certificate: NamedFile;
  readonly key: NamedFile;
}

/** What lies between the agent and everybody it asks (contract, section 11). */
export interface NetworkSettings {
  readonly proxies: ProxySettings;
  readonly trust: TrustSettings;
  readonly clientCertificate: ClientCertificateSettings | undefined;
}

/** No proxy, and what Node.js and the system trust. */
export const PLAIN_NETWORK: NetworkSettings = {
  proxies: { http: undefined, https: undefined, exempt: "", direct: [] },
  trust: { files: [], awsFile: undefined, directories: [], only: false },
  clientCertificate: undefined,
};
