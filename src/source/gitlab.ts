import { createHash } from "node:crypto";
import type { VcsConfig } from "../config/vcs.ts";
import type { AgentError } from "../errors.ts";
import type { Source } from "./source.ts";
import { addressOf, apiBase, artifactPath } from "./vcs/address.ts";
import { type VcsOptions, vcsSource } from "./vcs/vcs-source.ts";
import { isWebPage, type Missing, refusalsFor } from "./vcs/refusal.ts";
import { type Answer, textAt } from "./vcs/visit.ts";

/** The id of a file's contents in git. */
const BLOB_ID = "x-gitlab-blob-id";

/**
 * GitLab, on gitlab.com or self-hosted: the raw file
 * (https://docs.gitlab.com/api/repository_files/#get-raw-file-from-repository). It has no ETag, so
 * HEAD is asked for the id of the contents first. What is given is named by the id that came with
 * the very bytes, so a change between the two requests is never missed.
 */
export function gitlabSource(config: VcsConfig, options: VcsOptions): Source {
  const base = apiBase(config.apiUrl, "https://gitlab.com", "/api/v4");
  // HEAD, the git name and not the method, is the default branch; older versions want a ref.
  const file = addressOf(
    base,
    ["projects", config.repo, "repository", "files", artifactPath(config).join("/"), "raw"],
    { ref: config.ref ?? "HEAD" },
  );
  const refusals = refusalsFor(
    config,
    "the scope read_repository (or read_api) and a role that may read code, such as Reporter",
  );

  const refuse = (answer: Answer): AgentError => {
    const missing =
      answer.status === 404 ? MISSING.get(textAt(answer, "message") ?? "") : undefined;
    return missing === undefined ? refusals.of(answer) : refusals.notFound(answer, missing);
  };

  return vcsSource(
    config,
    {
      base,
      headers: { accept: "application/json, */*;q=0.1" },
      async fetch(visit, etag) {
        if (etag !== undefined) {
          const seen = await visit.ask(file, { method: "HEAD" });
          if (seen.status === 200 && seen.headers.get(BLOB_ID) === etag) {
            return { kind: "unchanged" };
          }
          if (FINAL.has(seen.status) || seen.status >= 500) throw refuse(seen);
          // The rest is left to GET: a 404 explains itself there, and a project that moved
          // answers 405 to HEAD and a redirect to GET.
        }
        const answer = await visit.ask(file);
        if (answer.status !== 200 || isWebPage(answer)) throw refuse(answer);
        const { bytes, headers } = answer;
        return { kind: "bytes", bytes, etag: headers.get(BLOB_ID) ?? gitBlobId(bytes) };
      },
    },
    options,
  );
}

/** The id as git makes it; the documentation promises the header with HEAD only. */
function gitBlobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Answers to HEAD that GET would only repeat. */
const FINAL: ReadonlySet<number> = new Set([401, 403, 429]);

/** What the API calls what is missing (`not_found!` in its `lib/api/helpers.rb`). */
const MISSING: ReadonlyMap<string, Missing> = new Map([
  ["404 Project Not Found", "repository"],
  ["404 Commit Not Found", "ref"],
  ["404 File Not Found", "file"],
]);
