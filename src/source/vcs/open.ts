import type { VcsConfig } from "../../config/vcs.ts";
import { bitbucketSource } from "../bitbucket.ts";
import { giteaSource } from "../gitea.ts";
import { githubSource } from "../github.ts";
import { gitlabSource } from "../gitlab.ts";
import type { Source } from "../source.ts";
import type { VcsOptions } from "./vcs-source.ts";

/** The service that a VCS configuration names. */
export function openVcs(config: VcsConfig, options: VcsOptions): Source {
  switch (config.provider) {
    case "github":
      return githubSource(config, options);
    case "gitlab":
      return gitlabSource(config, options);
    case "bitbucket":
      return bitbucketSource(config, options);
    case "gitea":
      return giteaSource(config, options);
  }
}
