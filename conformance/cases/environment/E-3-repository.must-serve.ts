import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

const PATH = ".clef/packed/api/production.age.json";

export const cases: readonly Case[] = [undefined, "release/1"].map((ref): Case => ({
  name: `the artifact of a repository, on ${ref ?? "its default branch"}`,
  needs: ["vcs"],
  run: async (world) => {
    const secrets = { KEY: secretValue() };
    const origin = await world.origin(pack(secrets));
    const token = secretValue();
    const agent = await world.agent({
      CLEF_AGENT_VCS_PROVIDER: "github",
      CLEF_AGENT_VCS_REPO: "org/repo",
      CLEF_AGENT_VCS_TOKEN: token,
      CLEF_AGENT_VCS_IDENTITY: "api",
      CLEF_AGENT_VCS_ENVIRONMENT: "production",
      CLEF_AGENT_VCS_API_URL: `http://127.0.0.1:${origin.port}/api/v3`,
      CLEF_AGENT_VCS_REF: ref,
      CLEF_AGENT_AGE_KEY: AGE.identity,
    });
    await agent.serves(secrets);
    const asked = origin.asked.find(({ url }) => url.includes("/contents/"));
    const url = new URL(asked?.url ?? "/", "http://x");
    equal(decodeURIComponent(url.pathname), `/api/v3/repos/org/repo/contents/${PATH}`, "the path");
    equal(url.searchParams.get("ref"), ref ?? null, "the ref");
    equal(asked?.headers.authorization, `Bearer ${token}`, "Authorization");
    equal((await agent.get("/v1/ready")).status, 200, "the status of /v1/ready");
  },
}));
