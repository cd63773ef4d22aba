import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  parseVcsCredential,
  type VcsCredential,
  type VcsProvider,
} from "../../../src/config/vcs-credential.ts";
import { secretTexts } from "../../../src/config/vcs-secrets.ts";

const HEX64 = "0123456789abcdef".repeat(4);
const LONG = "eyJhbGciOiJSUzI1NiJ9.".repeat(80);

describe("the kind of a token", () => {
  const KINDS: readonly (readonly [string, VcsProvider, string, VcsCredential["kind"], string])[] =
    [
      ["a classic personal token", "github", "ghp_abc", "bearer", "ghp_abc"],
      ["a fine-grained token", "github", "github_pat_abc", "bearer", "github_pat_abc"],
      ["an app installation's or Actions' token", "github", "ghs_abc", "bearer", "ghs_abc"],
      ["a signed installation token", "github", `ghs_1_${LONG}`, "bearer", `ghs_1_${LONG}`],
      ["an OAuth token", "github", "gho_abc", "bearer", "gho_abc"],
      ["git's form of a token", "github", "x-access-token:ghs_abc", "bearer", "ghs_abc"],
      ["a token from before prefixes", "github", "a".repeat(40), "bearer", "a".repeat(40)],
      ["a personal, project or group token", "gitlab", "glpat-abc", "private_token", "glpat-abc"],
      ["a token of an instance's own prefix", "gitlab", "acme-abc", "private_token", "acme-abc"],
      ["a job token", "gitlab", "glcbt-64_abc", "job_token", "glcbt-64_abc"],
      ["a signed job token", "gitlab", `glcbt-${LONG}`, "job_token", `glcbt-${LONG}`],
      ["an instance's own job token", "gitlab", "acme-glcbt-abc", "job_token", "acme-glcbt-abc"],
      ["an old job token", "gitlab", "gitlab-ci-token:64_abc", "job_token", "64_abc"],
      ["an OAuth token", "gitlab", HEX64, "bearer", HEX64],
      ["git's form of an OAuth token", "gitlab", "oauth2:abc", "bearer", "abc"],
      ["a repository, project or workspace token", "bitbucket", "ATCTTabc", "bearer", "ATCTTabc"],
      ["git's form of an access token", "bitbucket", "x-token-auth:ATCTTa", "bearer", "ATCTTa"],
      ["an API token", "bitbucket", "me@example.com:ATATTabc", "basic", "ATATTabc"],
      ["an app password", "bitbucket", "me:ATBBabc", "basic", "ATBBabc"],
    ];
  for (const [what, provider, text, kind, token] of KINDS) {
    test(`is told: ${what} of ${provider}`, () => {
      const credential = parseVcsCredential(provider, text);
      assert.equal(credential.kind, kind);
      assert.equal(credential.token, token);
    });
  }

  for (const [what, provider, text, problem] of [
    ["a deploy token", "gitlab", "gldt-secret", /deploy tokens.*project access token/],
    ["a named deploy token", "gitlab", "gitlab+deploy-token-1:secret", /deploy tokens/],
    ["another user name", "gitlab", "me:secret", /only gitlab-ci-token and oauth2/],
    ["a user name", "github", "me:ghp_secret", /the token alone/],
    ["an API token without its email", "bitbucket", "ATATTsecret", /email:token/],
    ["an app password without its user", "bitbucket", "ATBBsecret", /username:password/],
    ["GitLab's token", "github", "glpat-secret", /token of gitlab.*CLEF_AGENT_VCS_PROVIDER/],
    ["GitHub's token", "gitlab", "ghp_secret", /token of github.*CLEF_AGENT_VCS_PROVIDER/],
    ["Bitbucket's token", "github", "ATCTTsecret", /token of bitbucket/],
    ["GitHub's token with a user", "bitbucket", "me:github_pat_secret", /token of github/],
    ["two lines", "github", "ghp_secret\nx", /visible ASCII/],
    ["what is endless", "github", "secret".repeat(2_000), /longer than 8192/],
  ] as const) {
    test(`is refused: ${what} for ${provider}, without being repeated`, () => {
      assert.throws(
        () => parseVcsCredential(provider, text),
        (error: Error) => {
          assert.match(error.message, problem);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});

test("what must be hidden is the token, in the form it travels in too", () => {
  assert.deepEqual(secretTexts({ kind: "bearer", token: "abc" }), ["abc"]);
  assert.deepEqual(secretTexts({ kind: "basic", user: "me", token: "abc" }), [
    "abc",
    Buffer.from("me:abc").toString("base64"),
  ]);
});
