import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { profileProblem } from "../../../src/aws/profile-problem.ts";
import { ssoTokenPath } from "../../support/fake-credentials.ts";
import { installEnv } from "../../support/install-env.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const ROLE = "role_arn = arn:aws:iam::123456789012:role/reader";
const KEYS = "aws_access_key_id = AKIA\naws_secret_access_key = s3cret";
const SSO = "sso_session = work\nsso_account_id = 123456789012\nsso_role_name = reader";
const SESSION =
  "[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start";

/** A home directory with this config file, which the process finds until the test ends. */
async function home(t: TestContext, config: string, region = "eu-west-1"): Promise<string> {
  const directory = await temporaryDirectory(t);
  await write(join(directory, "config"), config);
  installEnv(t, {
    HOME: directory,
    AWS_CONFIG_FILE: join(directory, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, "none"),
    AWS_PROFILE: "reader",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: "",
  });
  return directory;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

for (const [what, config, sentence] of [
  ["is in no file", "[profile other]\n", /^there is no such profile .* check AWS_PROFILE, HOME,/],
  [
    "is a role of a profile that is in no file",
    `[profile reader]\n${ROLE}\nsource_profile = caller\n`,
    /^its source_profile caller is not in/,
  ],
  [
    "leads in a loop",
    `[profile reader]\n${ROLE}\nsource_profile = other\n[profile other]\n${ROLE}\nsource_profile = reader\n`,
    /leads in a loop \(other, reader\)/,
  ],
  [
    "is its own source without keys",
    `[profile reader]\n${ROLE}\nsource_profile = reader\n`,
    /leads in a loop \(reader\)/,
  ],
  [
    "wants an MFA code",
    `[profile reader]\n${ROLE}\nsource_profile = caller\nmfa_serial = arn:x\n[profile caller]\n${KEYS}\n`,
    /MFA code \(mfa_serial\).*use a role without MFA/,
  ],
  [
    "runs a process",
    "[profile reader]\ncredential_process = false\n",
    /^its credential_process failed, or did not print .* run that command by hand/,
  ],
  [
    "is a role of a profile that runs a process",
    `[profile reader]\n${ROLE}\nsource_profile = caller\n[profile caller]\ncredential_process = false\n`,
    /^its credential_process failed/,
  ],
  ["has no SSO login", `[profile reader]\n${SSO}\n${SESSION}\n`, /no SSO login, .* aws sso login/],
  ["has no SSO session", `[profile reader]\n${SSO}\n`, /its sso_session work is not in/],
  [
    "has an SSO session without a region",
    `[profile reader]\n${SSO}\n[sso-session work]\nsso_start_url = https://x\n`,
    /SSO settings have no sso_region/,
  ],
  ["has no login", "[profile reader]\nlogin_session = arn:x\n", /run aws login/],
  ["is empty", "[profile reader]\nregion = eu-west-1\n", /no settings that lead to credentials/],
] as const) {
  test(`a profile that ${what} has its own sentence`, async (t) => {
    await home(t, config);
    const problem = (await profileProblem("reader")) ?? "";
    assert.match(problem, sentence);
    assert.doesNotMatch(problem, /s3cret|AKIA|\n/);
  });
}

test("a role without a region says where it was asked for, and what to set", async (t) => {
  await home(
    t,
    `[profile reader]\n${ROLE}\nsource_profile = caller\n[profile caller]\n${KEYS}\n`,
    "",
  );
  assert.match((await profileProblem("reader")) ?? "", /no region, .*us-east-1; set AWS_REGION/);
});

test("nothing is said of a profile in whose settings nothing is wrong", async (t) => {
  for (const config of [
    `[profile reader]\n${ROLE}\nsource_profile = caller\n[profile caller]\n${KEYS}\n`,
    `[profile reader]\n${ROLE}\nsource_profile = reader\n${KEYS}\n`,
    `[profile reader]\n${ROLE}\nweb_identity_token_file = /token\n`,
    `[profile reader]\n${KEYS}\n`,
  ]) {
    await home(t, config);
    assert.equal(await profileProblem("reader"), undefined, config);
  }
});

test("with a valid SSO login it is the account or the role that is wrong, and with an old one the login", async (t) => {
  const directory = await home(t, `[profile reader]\n${SSO}\n${SESSION}\n`);
  const login = (expiresAt: string): Promise<void> =>
    write(
      join(directory, ssoTokenPath("work")),
      JSON.stringify({ accessToken: "s3cret", expiresAt }),
    );
  await login("2999-01-01T00:00:00Z");
  assert.match((await profileProblem("reader")) ?? "", /check sso_account_id and sso_role_name/);
  await login("2001-01-01T00:00:00Z");
  assert.match((await profileProblem("reader")) ?? "", /or it expired; run aws sso login/);
});

test("a file that was mended is read again", async (t) => {
  const directory = await home(t, "[profile reader]\nregion = eu-west-1\n");
  assert.ok((await profileProblem("reader")) !== undefined);
  await write(join(directory, "config"), `[profile reader]\n${KEYS}\n`);
  assert.equal(await profileProblem("reader"), undefined);
});
