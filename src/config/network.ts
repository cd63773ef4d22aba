import { namedCertificates } from "../net/certificates.ts";
import { keyPair } from "../net/client-certificate.ts";
import { parseHostList } from "../net/no-proxy.ts";
import { basicAuthorization, withoutUserInfo } from "../net/safe-url.ts";
import type {
  ClientCertificateSettings,
  NamedFile,
  NetworkSettings,
  Proxy,
  TrustSettings,
} from "../net/settings.ts";
import { trimmed } from "../system/given-text.ts";
import type { EnvReader, ReadTextFile } from "./env-reader.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Proxies, certificates to trust and the client certificate; what is wrong with them is recorded. */
export function readNetwork(
  env: Env,
  reader: EnvReader,
  readTextFile: ReadTextFile,
): { readonly network: NetworkSettings; readonly warnings: readonly string[] } {
  const exempt = firstSet(env, "no_proxy", "NO_PROXY");
  const proxies = {
    https: readProxy(env, reader, ["https_proxy", "HTTPS_PROXY"]),
    http: readProxy(env, reader, ["http_proxy", "HTTP_PROXY"]),
    exempt: exempt?.value ?? "",
    direct: [env["AWS_LAMBDA_RUNTIME_API"] ?? ""].filter((host) => host !== ""),
  };
  const network = {
    proxies,
    trust: readTrust(env, reader, readTextFile),
    clientCertificate: readClientCertificate(reader, readTextFile),
  };
  const isProxied = proxies.https !== undefined || proxies.http !== undefined;
  if (exempt === undefined || !isProxied) return { network, warnings: [] };
  const { unreadable } = parseHostList(exempt.value);
  if (unreadable.length === 0) return { network, warnings: [] };
  return {
    network,
    warnings: [
      `${exempt.name}: entry ${unreadable.join(", ")} is no name, address or network, and is ignored`,
    ],
  };
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

/** The first of these that is set; an empty one is not. */
function firstSet(env: Env, ...names: readonly string[]): Setting | undefined {
  return names
    .map((name) => ({ name, value: trimmed(env[name] ?? "") }))
    .find(({ value }) => value !== "");
}

function readProxy(env: Env, reader: EnvReader, names: readonly string[]): Proxy | undefined {
  const setting = firstSet(env, ...names);
  if (setting === undefined) return undefined;
  const { name, value } = setting;
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  const isAddress =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
  // A slash, ? or # in a password makes an address of another host of it.
  if (isAddress && !value.includes("#")) {
    return { variable: name, url: withoutUserInfo(url), authorization: basicAuthorization(url) };
  }
  reader.fail(
    "config_invalid",
    `${name} must be http://host:port or https://host:port, perhaps with user:password@ before the host, in which special characters are percent-encoded`,
  );
  return undefined;
}

function readTrust(env: Env, reader: EnvReader, readTextFile: ReadTextFile): TrustSettings {
  const own = reader.text("CLEF_AGENT_CA_FILE");
  const only = reader.oneOf("CLEF_AGENT_CA_ONLY", ["true", "false"]) === "true";
  if (only && own === undefined) {
    reader.fail(
      "config_missing",
      "CLEF_AGENT_CA_ONLY is true, but CLEF_AGENT_CA_FILE is not set; name the certificates to trust",
    );
  }
  const check = ({ variable, path }: NamedFile): boolean => {
    const text = reader.tryTo("config_unreadable_file", variable, () => readTextFile(path));
    if (text === undefined) return false;
    return reader.tryTo("config_invalid", variable, () => namedCertificates(text)) !== undefined;
  };
  const named = (...names: readonly string[]): NamedFile[] =>
    names.flatMap((variable) => {
      const path = trimmed(env[variable] ?? "");
      return path === "" ? [] : [{ variable, path }];
    });
  const files = named("CLEF_AGENT_CA_FILE");
  if (!only) files.push(...named("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"));
  const [awsFile] = only ? [] : named("AWS_CA_BUNDLE");
  for (const file of [...files, ...(awsFile === undefined ? [] : [awsFile])]) check(file);
  const directories = only ? [] : (env["SSL_CERT_DIR"] ?? "").split(pathDelimiter);
  return { files, awsFile, directories: directories.filter((path) => path !== ""), only };
}

const pathDelimiter = process.platform === "win32" ? ";" : ":";

function readClientCertificate(
  reader: EnvReader,
  readTextFile: ReadTextFile,
): ClientCertificateSettings | undefined {
  const certificate = reader.text("CLEF_AGENT_CLIENT_CERT_FILE");
  const key = reader.text("CLEF_AGENT_CLIENT_KEY_FILE");
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    const missing =
      certificate === undefined ? "CLEF_AGENT_CLIENT_CERT_FILE" : "CLEF_AGENT_CLIENT_KEY_FILE";
    reader.fail(
      "config_missing",
      `${missing} is not set; a client certificate needs both CLEF_AGENT_CLIENT_CERT_FILE and CLEF_AGENT_CLIENT_KEY_FILE`,
    );
    return undefined;
  }
  const settings = {
    certificate: { variable: "CLEF_AGENT_CLIENT_CERT_FILE", path: certificate },
    key: { variable: "CLEF_AGENT_CLIENT_KEY_FILE", path: key },
  };
  const text = ({ variable, path }: NamedFile): string | undefined =>
    reader.tryTo("config_unreadable_file", variable, () => readTextFile(path));
  const [certText, keyText] = [text(settings.certificate), text(settings.key)];
  if (certText === undefined || keyText === undefined) return undefined;
  try {
    keyPair(settings, certText, keyText);
  } catch (error) {
    reader.fail("config_invalid", error instanceof Error ? error.message : "cannot be read");
  }
  return settings;
}
