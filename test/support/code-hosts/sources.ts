import type { VcsConfig } from "../../../src/config/vcs.ts";
import { parseVcsCredential, type VcsProvider } from "../../../src/config/vcs-credential.ts";
import { openVcs } from "../../../src/source/vcs/open.ts";
import type { FetchAnswer, Source } from "../../../src/source/source.ts";
import { recordingLog } from "../recording-log.ts";
import { BitbucketHost } from "./bitbucket.ts";
import type { CodeHost } from "./code-host.ts";
import { GitHubHost } from "./github.ts";
import { GitLabHost } from "./gitlab.ts";

export const ARTIFACT_PATH = ".clef/packed/api/production.age.json";

/** What stands for each provider. */
export const HOSTS = {
  github: GitHubHost,
  gitlab: GitLabHost,
  bitbucket: BitbucketHost,
} as const;

/** The configuration that fits a host, with some of it changed. */
export function configFor(
  provider: VcsProvider,
  host: CodeHost & { readonly token: string },
  changes: Partial<VcsConfig> & { readonly token?: string } = {},
): VcsConfig {
  const { token = host.token, ...rest } = changes;
  return {
    kind: "vcs",
    provider,
    repo: host.repo,
    credential: parseVcsCredential(provider, token),
    tokenFile: undefined,
    identity: "api",
    environment: "production",
    ref: undefined,
    apiUrl: new URL(host.address),
    ...rest,
  };
}

export function sourceFor(config: VcsConfig): Source {
  return openVcs(config, { log: recordingLog().log, deadlineMs: 1_000 });
}

export function fetchOnce(source: Source, etag?: string): Promise<FetchAnswer> {
  return source.fetch({ etag, signal: new AbortController().signal });
}
