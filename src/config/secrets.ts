import { decodeUserInfo } from "../net/safe-url.ts";
import type { Config } from "./config.ts";
import { secretTexts } from "./vcs-credential.ts";

/** What must never be seen in a log line, whatever happens. */
export function secretsOf(config: Config): readonly string[] {
  const secrets = config.ageIdentities.map(({ text }) => text);
  if (config.source.kind === "vcs") secrets.push(...secretTexts(config.source.credential));
  if (config.source.kind === "http") secrets.push(decodeUserInfo(config.source.url.password));
  for (const signal of [config.telemetry?.logs, config.telemetry?.metrics]) {
    if (signal === undefined) continue;
    secrets.push(decodeUserInfo(signal.url.password), ...Object.values(signal.headers));
  }
  return secrets;
}
