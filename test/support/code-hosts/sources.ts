import type { TestContext } from "node:test";
import type { VcsConfig } from "../../../src/config/vcs.ts";
import { parseVcsCredential, type VcsProvider } from "../../../src/config/vcs-credential.ts";
import { openVcs } from "../../../src/source/vcs/open.ts";
import type { FetchAnswer, Source } from "../../../src/source/source.ts";
import { recordingLog } from "../recording-log.ts";
import { BitbucketHost } from "./bitbucket.ts";
import type { CodeHost } from "./code-host.ts";
import { GiteaHost } from "./gitea.ts";
import { GitHubHost } from "./github.ts";
import { GitLabHost } from "./gitlab.ts";
import { DIRECT } from "../network.ts";

export const ARTIFACT_PATH = ".clef/packed/api/production.age.json";
export const ARTIFACT: Buffer = Buffer.from('{"version":1}');

/** What stands for each provider. */
export const HOSTS = {
  github: GitHubHost,
  gitlab: GitLabHost,
  bitbucket: BitbucketHost,
  gitea: GiteaHost,
} as const;

/** Opens a host whose repository holds `ARTIFACT`. */
export async function holdingArtifact<Host extends CodeHost>(
  context: Pick<TestContext, "after">,
  host: Host,
): Promise<Host> {
  await host.listen(context);
  host.repository.commit("main", ARTIFACT_PATH, ARTIFACT);
  return host;
}

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
  return openVcs(config, { log: recordingLog().log, network: DIRECT, deadlineMs: 2_000 });
}

export function fetchOnce(source: Source, etag?: string): Promise<FetchAnswer> {
  return source.fetch({ etag, signal: new AbortController().signal });
}
