import type { BlobLocation } from "./blob-location.ts";
import type { EnvReader } from "./env-reader.ts";
import type { GcsLocation } from "./gcs-location.ts";
import type { S3Location } from "./s3-location.ts";
import { KNOWN_NAMES } from "./variables.ts";
import type { VcsConfig } from "./vcs.ts";

/** Where the packed artifact is; chosen once, here. */
export type SourceConfig =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly location: S3Location }
  | { readonly kind: "gcs"; readonly location: GcsLocation }
  | { readonly kind: "azure_blob"; readonly location: BlobLocation }
  | VcsConfig;

const VCS_NAMES = [...KNOWN_NAMES].filter((name) => name.startsWith("CLEF_AGENT_VCS_"));

/** The source, or undefined after its errors were recorded. A file loads nothing of the other kinds. */
export async function readSource(env: EnvReader): Promise<SourceConfig | undefined> {
  const location = env.text("CLEF_AGENT_SOURCE");
  const isVcs = VCS_NAMES.some((name) => env.isSet(name));
  const vcs = isVcs ? (await import("./vcs.ts")).readVcs(env) : "unset";
  if (location === undefined) {
    if (vcs === "unset") {
      env.fail(
        "config_missing",
        "CLEF_AGENT_SOURCE is not set; give the file path or URL of a packed artifact, or the five CLEF_AGENT_VCS_ variables",
      );
    }
    return vcs === "unset" ? undefined : vcs;
  }
  if (vcs !== "unset") env.conflict("CLEF_AGENT_SOURCE", "CLEF_AGENT_VCS_…");
  const scheme = schemeOf(location);
  if (scheme === undefined) return { kind: "file", path: location };
  const { parseLocation } = await import("./location.ts");
  return env.tryTo("config_invalid", "CLEF_AGENT_SOURCE", () => parseLocation(scheme, location));
}

/** In lower case; undefined for a file path. */
function schemeOf(location: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1]?.toLowerCase();
}
