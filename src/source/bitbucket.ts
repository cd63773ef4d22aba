import type { VcsConfig } from "../config/vcs.ts";
import { AgentError } from "../errors.ts";
import { VCS_METADATA_MAX_BYTES } from "../limits.ts";
import type { Source } from "./source.ts";
import { addressOf, apiBase, artifactPath } from "./vcs/address.ts";
import { Memory } from "./vcs/memory.ts";
import { type VcsOptions, vcsSource } from "./vcs/vcs-source.ts";
import { isWebPage, type Missing, refusalsFor } from "./vcs/refusal.ts";
import { type Answer, textAt, type Visit } from "./vcs/visit.ts";

/**
 * Bitbucket Cloud: a file in the source of a commit
 * (https://developer.atlassian.com/cloud/bitbucket/rest/api-group-source/). First the commit that the
 * branch is at, which is small; only if that is another one, the file at that very commit, which
 * nobody can change any more. What is given is named by the commit.
 */
export function bitbucketSource(config: VcsConfig, options: VcsOptions): Source {
  const base = apiBase(config.apiUrl, "https://api.bitbucket.org", "/2.0");
  const below = (segments: readonly string[], query?: Readonly<Record<string, string>>): URL =>
    addressOf(base, ["repositories", ...config.repo.split("/"), ...segments], query);
  const path = artifactPath(config);
  const refusals = refusalsFor(config, "the scope repository (read:repository:bitbucket)");
  const mainBranch = new Memory<string>();
  const why = new Memory<Missing>();

  const look = (visit: Visit, url: URL): Promise<Answer> =>
    visit.ask(url, { maxBytes: VCS_METADATA_MAX_BYTES });

  /** The commit that the configured ref, or the default branch, is at. */
  const tip = async (visit: Visit): Promise<string> => {
    const name = config.ref ?? mainBranch.get() ?? (await askMainBranch(visit));
    const answer = name.includes("/")
      ? await askRef(visit, name)
      : await look(visit, below(["src", name, ...path], { format: "meta", fields: "commit.hash" }));
    if (answer.status === 404 && !isWebPage(answer)) {
      mainBranch.forget();
      throw await explain(visit, answer, name);
    }
    const hash = textAt(answer, "commit", "hash") ?? textAt(answer, "target", "hash");
    if (answer.status !== 200 || hash === undefined) throw refusals.of(answer);
    return hash;
  };

  const askMainBranch = async (visit: Visit): Promise<string> => {
    const answer = await look(visit, below([], { fields: "mainbranch.name" }));
    if (answer.status !== 200 || isWebPage(answer)) throw refusals.of(answer);
    const name = textAt(answer, "mainbranch", "name");
    if (name === undefined) throw refusals.notFound(answer, "commits");
    mainBranch.keep(name);
    return name;
  };

  /** A name with a slash cannot stand before a path: Bitbucket would cut it there, encoded or not. */
  const askRef = async (visit: Visit, name: string): Promise<Answer> => {
    const fields = { fields: "target.hash" };
    const branch = await look(visit, below(["refs", "branches", ...name.split("/")], fields));
    if (branch.status !== 404) return branch;
    return look(visit, below(["refs", "tags", ...name.split("/")], fields));
  };

  /** Whether it is the file, the ref or the repository that is missing. */
  const explain = async (visit: Visit, answer: Answer, name: string): Promise<AgentError> => {
    const missing = why.get() ?? (await findMissing(visit, name));
    if (missing instanceof AgentError) return missing;
    why.keep(missing);
    return refusals.notFound(answer, missing);
  };

  const findMissing = async (visit: Visit, name: string): Promise<Missing | AgentError> => {
    if (!name.includes("/")) {
      const query = { pagelen: "1", fields: "values.hash" };
      const commits = await look(visit, below(["commits", name], query));
      if (commits.status === 200) return "file";
      if (commits.status !== 404) return refusals.of(commits);
    }
    const repository = await look(visit, below([], { fields: "full_name" }));
    if (repository.status === 200) return "ref";
    return repository.status === 404 ? "repository" : refusals.of(repository);
  };

  return vcsSource(
    config,
    {
      base,
      headers: { accept: "application/json, */*;q=0.1" },
      async fetch(visit, etag) {
        const commit = await tip(visit);
        why.forget();
        if (commit === etag) return { kind: "unchanged" };
        const answer = await visit.ask(below(["src", commit, ...path]));
        if (answer.status === 404) throw refusals.notFound(answer, "file");
        if (answer.status !== 200 || isWebPage(answer)) throw refusals.of(answer);
        return { kind: "bytes", bytes: answer.bytes, etag: commit };
      },
    },
    options,
  );
}
