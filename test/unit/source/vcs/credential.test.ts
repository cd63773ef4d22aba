import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseVcsCredential } from "../../../../src/config/vcs-credential.ts";
import { credentialHeaders, followCredential } from "../../../../src/source/vcs/credential.ts";
import { GitHubHost } from "../../../support/code-hosts/github.ts";
import { configFor } from "../../../support/code-hosts/sources.ts";
import { recordingLog } from "../../../support/recording-log.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

describe("a token file", () => {
  test("is read again every time, and the new token is hidden in the log", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    const host = await new GitHubHost().listen(t);
    const recording = recordingLog();
    const { log, lines } = recording;
    const token = followCredential(configFor("github", host, { token: "ghs_one", tokenFile }), log);
    await writeFile(tokenFile, "ghs_one\n");
    assert.equal((await token()).token, "ghs_one");
    assert.deepEqual(lines, []);
    await writeFile(tokenFile, "ghs_another\n");
    assert.equal((await token()).token, "ghs_another");
    assert.deepEqual(recording.messages("info"), [
      "token read again from CLEF_AGENT_VCS_TOKEN_FILE",
    ]);
    log.info("the token is ghs_another");
    assert.deepEqual(recording.messages("info").at(-1), "the token is [hidden]");
  });

  test("that cannot be used leaves the last token in place, and is warned of once", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    const host = await new GitHubHost().listen(t);
    const recording = recordingLog();
    const { log } = recording;
    const token = followCredential(configFor("github", host, { token: "ghs_one", tokenFile }), log);
    for (const content of ["", "two words", "glpat-secret", undefined]) {
      await (content === undefined ? rm(tokenFile) : writeFile(tokenFile, content));
      for (let read = 0; read < 3; read++) assert.equal((await token()).token, "ghs_one");
    }
    assert.deepEqual(
      recording.messages("warn").map((message) => message.replace(/^.*TOKEN_FILE: /, "")),
      [
        "the file is empty",
        "it must be visible ASCII characters without spaces",
        "it looks like a token of gitlab, but CLEF_AGENT_VCS_PROVIDER is github; correct one of them",
        "the file cannot be read (ENOENT)",
      ],
    );
    await writeFile(tokenFile, "ghs_two");
    assert.equal((await token()).token, "ghs_two");
  });
});

test("each kind of credential has its header", () => {
  const headers = (provider: "gitlab" | "bitbucket", text: string): object =>
    credentialHeaders(parseVcsCredential(provider, text));
  assert.deepEqual(headers("gitlab", "glpat-a"), { "private-token": "glpat-a" });
  assert.deepEqual(headers("gitlab", "glcbt-a"), { "job-token": "glcbt-a" });
  assert.deepEqual(headers("gitlab", "oauth2:a"), { authorization: "Bearer a" });
  assert.deepEqual(headers("bitbucket", "me@example.com:a:b"), {
    authorization: `Basic ${Buffer.from("me@example.com:a:b").toString("base64")}`,
  });
});
