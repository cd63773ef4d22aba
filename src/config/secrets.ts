import { decodeUserInfo } from "../net/safe-url.ts";
import type { Proxy } from "../net/settings.ts";
import type { Config } from "./config.ts";
import { secretTexts } from "./vcs-secrets.ts";

/** Where the clouds' own libraries find secrets in the environment. */
const CLOUD_SECRETS = [
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AZURE_CLIENT_SECRET",
] as const;

/** What must never be seen in a log line, whatever happens. */
export function secretsOf(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const secrets = config.ageIdentities.map(({ text }) => text);
  if (config.source.kind === "vcs") secrets.push(...secretTexts(config.source.credential));
  if (config.source.kind === "http") secrets.push(decodeUserInfo(config.source.url.password));
  for (const signal of [config.telemetry?.logs, config.telemetry?.metrics]) {
    if (signal === undefined) continue;
    secrets.push(decodeUserInfo(signal.url.password), ...Object.values(signal.headers));
  }
  const { http, https } = config.network.proxies;
  for (const proxy of [http, https]) secrets.push(...proxySecrets(proxy));
  for (const name of CLOUD_SECRETS) secrets.push(env[name] ?? "");
  const connection = env["AZURE_STORAGE_CONNECTION_STRING"] ?? "";
  for (const [, secret = ""] of connection.matchAll(
    /(?:AccountKey|SharedAccessSignature)=([^;]+)/g,
  )) {
    secrets.push(secret);
  }
  return secrets;
}

/** The credentials for a proxy, as they are sent and as they were given. */
function proxySecrets(proxy: Proxy | undefined): readonly string[] {
  const sent = proxy?.authorization?.replace("Basic ", "") ?? "";
  const password = Buffer.from(sent, "base64")
    .toString("utf8")
    .replace(/^[^:]*:/, "");
  return [sent, password];
}
