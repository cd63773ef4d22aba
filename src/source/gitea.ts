import type { VcsConfig } from "../config/vcs.ts";
import type { AgentError } from "../errors.ts";
import { VCS_METADATA_MAX_BYTES } from "../limits.ts";
import type { Source } from "./source.ts";
import { addressOf, apiBase, artifactPath } from "./vcs/address.ts";
import { Memory } from "./vcs/memory.ts";
import { type VcsOptions, vcsSource } from "./vcs/vcs-source.ts";
import { isWebPage, type Missing, refusalsFor } from "./vcs/refusal.ts";
import { type Answer, booleanAt, type Visit } from "./vcs/visit.ts";

/**
 * Gitea, and Forgejo with Codeberg: a file raw, which has no limit of size, asked conditionally by the id of its contents
 * (https://docs.gitea.com/api/, `repoGetRawFile`).
 */
export function giteaSource(config: VcsConfig, options: VcsOptions): Source {
  const { repo, ref } = config;
  const base = apiBase(config.apiUrl, "https://gitea.com", "/api/v1");
  const repository = ["repos", ...repo.split("/")];
  const at: Readonly<Record<string, string>> = ref === undefined ? {} : { ref };
  const file = addressOf(base, [...repository, "raw", ...artifactPath(config)], at);
  const refusals = refusalsFor(config, "the permission read:repository, and its owner read access");
  const why = new Memory<Missing>();

  /** A 404 does not say what is missing; the repository and its newest commit do. */
  const explain = async (visit: Visit, answer: Answer): Promise<AgentError> => {
    const missing = why.get() ?? (await findMissing(visit));
    if (typeof missing !== "string") return missing;
    why.keep(missing);
    return refusals.notFound(answer, missing);
  };

  const findMissing = async (visit: Visit): Promise<Missing | AgentError> => {
    const known = await look(visit, addressOf(base, repository));
    if (known.status === 404) return "repository";
    if (known.status !== 200) return refusals.of(known);
    if (booleanAt(known, "empty") === true) return "commits";
    if (ref === undefined) return "file";
    const query = { sha: ref, limit: "1", stat: "false", verification: "false", files: "false" };
    const commits = await look(visit, addressOf(base, [...repository, "commits"], query));
    return commits.status === 200 ? "file" : "ref";
  };

  const look = (visit: Visit, url: URL): Promise<Answer> =>
    visit.ask(url, { maxBytes: VCS_METADATA_MAX_BYTES });

  return vcsSource(
    config,
    {
      base,
      headers: { accept: "application/json, */*;q=0.1" },
      async fetch(visit, etag) {
        const answer = await visit.ask(file, {
          headers: etag === undefined ? {} : { "if-none-match": etag },
        });
        if (answer.status === 404 && !isWebPage(answer)) throw await explain(visit, answer);
        why.forget();
        if (answer.status === 304 && etag !== undefined) return { kind: "unchanged" };
        if (answer.status !== 200 || isWebPage(answer)) throw refusals.of(answer);
        const { bytes, headers } = answer;
        return { kind: "bytes", bytes, etag: headers.get("etag") ?? undefined };
      },
    },
    options,
  );
}
