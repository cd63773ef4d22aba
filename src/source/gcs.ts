import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { GcsLocation } from "../config/gcs-location.ts";
import { AgentError } from "../errors.ts";
import { googleCredentials, type GcpCredentials } from "../gcp/credentials.ts";
import type { Answered } from "../net/outcome.ts";
import type { CredentialLookup } from "./bucket/authorization.ts";
import { bucketSource, type BucketOptions } from "./bucket/bucket-source.ts";
import { byStatus, type Meaning, refusalError } from "./bucket/refusal.ts";
import type { Source } from "./source.ts";

export interface GcsOptions extends BucketOptions {
  readonly credentials?: GcpCredentials;
}

const VARIABLES = "CLEF_AGENT_SOURCE";

/**
 * An object in Google Cloud Storage by its JSON API
 * (https://cloud.google.com/storage/docs/json_api/v1/objects/get), asked for unless its generation is the one that is
 * held. STORAGE_EMULATOR_HOST leads to an emulator, which wants no credentials, as for Google's own clients.
 *
 * @throws AgentError `config_invalid` if that is no address.
 */
export function gcsSource(location: GcsLocation, options: GcsOptions): Source {
  const { bucket, object, generation } = location;
  const emulator = emulatorUrl(process.env["STORAGE_EMULATOR_HOST"]);
  const base = emulator ?? "https://storage.googleapis.com";
  const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(object)}`;
  const credentials =
    emulator === undefined
      ? (options.credentials ?? googleCredentials(options.network, "devstorage.read_only"))
      : undefined;
  return bucketSource(
    {
      type: "gcs",
      description: `gs://${bucket}/${object}${generation === undefined ? "" : `#${generation}`}`,
      cacheKey: `gcs ${JSON.stringify([base, bucket, object, generation ?? null])}`,
      variables: emulator === undefined ? VARIABLES : "STORAGE_EMULATOR_HOST",
      ask(etag) {
        const url = new URL(`${base}${path}?alt=media`);
        if (generation !== undefined) url.searchParams.set("generation", generation);
        if (etag !== undefined) url.searchParams.set("ifGenerationNotMatch", etag);
        return { url, headers: {} };
      },
      etagOf: ({ headers }) => headers.get("x-goog-generation") ?? undefined,
      credentials: credentials === undefined ? undefined : lookupOf(credentials),
      refusal: (answer, from) => refusalError(answer, reasonOf(answer), meaning(answer, from)),
    },
    options,
  );
}

function lookupOf(credentials: GcpCredentials): CredentialLookup {
  return {
    name: "Google",
    look: () => credentials.headers(),
    forget: () => credentials.forget(),
    trouble: () => credentials.trouble,
    origin() {
      const named = process.env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
      if (named !== "") {
        return { from: "GOOGLE_APPLICATION_CREDENTIALS", advice: "check that file" };
      }
      const folder = process.env["CLOUDSDK_CONFIG"] ?? join(homedir(), ".config", "gcloud");
      if (!existsSync(join(folder, "application_default_credentials.json"))) return undefined;
      return { from: "gcloud", advice: "log in again with gcloud auth application-default login" };
    },
  };
}

function meaning(answer: Answered, from: string | undefined): Meaning {
  const { status } = answer;
  if (from === undefined && (status === 401 || status === 403)) {
    return {
      code: "source_unauthorized",
      advice:
        "it was asked without credentials, as no Google credentials were found; give this workload a service account, or set GOOGLE_APPLICATION_CREDENTIALS",
    };
  }
  switch (status) {
    case 401:
      return {
        code: "source_unauthorized",
        advice: `it does not accept the credentials of ${from}`,
      };
    case 403:
      return {
        code: "source_forbidden",
        advice: `allow ${from} storage.objects.get (roles/storage.objectViewer) on the bucket`,
      };
    case 404:
      return {
        code: "source_not_found",
        advice: `there is no such bucket, object or generation; check ${VARIABLES}`,
      };
    case 400:
      if (reasonOf(answer) !== "required") break;
      return {
        code: "source_forbidden",
        advice: "the bucket is one whose requester pays, which this agent does not",
      };
    default:
  }
  return byStatus(status, VARIABLES);
}

/** The reason in an error document (https://cloud.google.com/storage/docs/json_api/v1/status-codes). */
function reasonOf({ bytes }: Answered): string | undefined {
  return /"reason"\s*:\s*"(\w{1,64})"/.exec(bytes.toString("utf8"))?.[1];
}

function emulatorUrl(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new AgentError(
    "config_invalid",
    "STORAGE_EMULATOR_HOST must be host:port or an http:// URL",
  );
}
