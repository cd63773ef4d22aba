import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";

const VCS = {
  CLEF_AGENT_VCS_PROVIDER: "github",
  CLEF_AGENT_VCS_REPO: "org/repo",
  CLEF_AGENT_VCS_TOKEN: "ghp_of_nobody_0123456789abcdefghijklmnop",
  CLEF_AGENT_VCS_IDENTITY: "api",
  CLEF_AGENT_VCS_ENVIRONMENT: "production",
};

export const cases: readonly Case[] = [
  refusedConfiguration("no source", () => ({ CLEF_AGENT_SOURCE: "" }), ["CLEF_AGENT_SOURCE"]),
  ...Object.keys(VCS).map((name) =>
    refusedConfiguration(
      `a repository without ${name}`,
      () => ({ CLEF_AGENT_SOURCE: undefined, ...VCS, [name]: undefined }),
      [name],
    ),
  ),
  refusedConfiguration(
    "a provider that nobody knows",
    () => ({ CLEF_AGENT_SOURCE: undefined, ...VCS, CLEF_AGENT_VCS_PROVIDER: "sourceforge" }),
    ["CLEF_AGENT_VCS_PROVIDER"],
  ),
];
