import type { Config } from "./config.ts";
import type { SourceConfig } from "./source.ts";
import { guessableToken } from "./token.ts";

/**
 * What is allowed and probably not meant, one line each.
 *
 * @param links - variables that Kubernetes set for a Service of the agent's name.
 */
export function configWarnings(
  { ageIdentities, source, network, token, port, files }: Omit<Config, "warnings" | "guarded">,
  links: readonly string[],
): readonly string[] {
  const found: string[] = [];
  if (links.length > 0) {
    found.push(
      `ignored ${links.join(", ")}: set by Kubernetes for a Service called clef-agent; rename the Service or set enableServiceLinks: false`,
    );
  }
  if (ageIdentities.length === 0) {
    found.push(
      "neither CLEF_AGENT_AGE_KEY_FILE nor CLEF_AGENT_AGE_KEY is set, so no artifact encrypted with age can be opened",
    );
  }
  if (source.kind === "vcs" && travelsInTheClear(source.apiUrl)) {
    found.push(
      "CLEF_AGENT_VCS_API_URL is http://, so the token travels unencrypted; use https:// if the instance has it",
    );
  }
  if (network.clientCertificate !== undefined && !isAskedByHttps(source)) {
    found.push(
      "CLEF_AGENT_CLIENT_CERT_FILE is not used: the artifact does not come from an https:// address of its own",
    );
  }
  // Who reads files needs no token.
  if (token.kind === "generated" && port !== undefined && files === undefined) {
    found.push(
      "no token is configured, so a random one is used that no client can know; set CLEF_AGENT_TOKEN_FILE to share one",
    );
  }
  if (token.kind === "fixed") {
    const guessable = guessableToken("CLEF_AGENT_TOKEN", token.token);
    if (guessable !== undefined) found.push(guessable);
  }
  return found;
}

/** Whether the source is one that a client certificate is shown to. */
function isAskedByHttps(source: SourceConfig): boolean {
  if (source.kind === "http") return source.url.protocol === "https:";
  return source.kind === "vcs" && source.apiUrl?.protocol !== "http:";
}

/** Whether what is sent there can be read on the way. */
function travelsInTheClear(url: URL | undefined): boolean {
  return url?.protocol === "http:" && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
}
