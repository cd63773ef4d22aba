import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GitLabHost } from "../../support/code-hosts/gitlab.ts";
import {
  ARTIFACT_PATH,
  configFor,
  fetchOnce,
  holdingArtifact,
  sourceFor,
} from "../../support/code-hosts/sources.ts";
import { coded } from "../../support/errors.ts";

describe("GitLab", () => {
  test("is asked with HEAD first, and for the file only when its contents are others", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    const source = sourceFor(configFor("gitlab", host));
    const first = await fetchOnce(source);
    assert.ok(first.kind === "bytes");
    await fetchOnce(source, first.etag);
    host.repository.commit("main", "README.md", Buffer.from("another file"));
    assert.deepEqual(await fetchOnce(source, first.etag), { kind: "unchanged" });
    host.repository.commit("main", ARTIFACT_PATH, Buffer.from("[]"));
    await fetchOnce(source, first.etag);
    assert.deepEqual(
      host.requests.map((request) => request.split(" ")[0]),
      ["GET", "HEAD", "HEAD", "HEAD", "GET"],
    );
    assert.equal(
      host.requests[0],
      "GET /api/v4/projects/acme%2Fsecrets/repository/files/.clef%2Fpacked%2Fapi%2Fproduction.age.json/raw?ref=HEAD",
    );
  });

  test("that names the contents with HEAD only is asked for them once all the same", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    host.namesContents = false;
    const source = sourceFor(configFor("gitlab", host));
    const first = await fetchOnce(source);
    assert.ok(first.kind === "bytes");
    assert.deepEqual(await fetchOnce(source, first.etag), { kind: "unchanged" });
  });

  test("finds a project in subgroups, below the path of its instance", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    host.repo = "acme/team a/sécrets";
    for (const prefix of ["", "/gitlab"]) {
      host.prefix = prefix;
      const apiUrl = new URL(`${host.address}/api/v4`);
      for (const changes of [{}, { apiUrl }]) {
        const answer = await fetchOnce(sourceFor(configFor("gitlab", host, changes)));
        assert.equal(answer.kind, "bytes");
      }
    }
  });

  for (const [what, token] of [
    ["a personal, project or group access token", "glpat-test-0123456789"],
    ["an OAuth token", "0123456789abcdef".repeat(4)],
    ["an OAuth token in git's form", `oauth2:${"0123456789abcdef".repeat(4)}`],
    ["a job token", "glcbt-64_test-0123456789"],
    ["a job token in git's form", "gitlab-ci-token:glcbt-64_test-0123456789"],
  ] as const) {
    test(`takes ${what}`, async (t) => {
      const source = sourceFor(
        configFor("gitlab", await holdingArtifact(t, new GitLabHost()), { token }),
      );
      const first = await fetchOnce(source);
      assert.ok(first.kind === "bytes");
      assert.deepEqual(await fetchOnce(source, first.etag), { kind: "unchanged" });
    });
  }

  test("that says when its limit is reset is waited for until then", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    host.refusal = GitLabHost.refusals.resetOnly(30);
    await assert.rejects(
      fetchOnce(sourceFor(configFor("gitlab", host))),
      (error: { retryAfterMs?: number }) => {
        coded("source_rate_limited")(error);
        assert.ok(Math.abs((error.retryAfterMs ?? 0) - 30_000) < 2_000, String(error.retryAfterMs));
        return true;
      },
    );
  });

  test("whose token lacks a scope says which one is needed", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    host.denied = GitLabHost.refusals.insufficientScope;
    await assert.rejects(
      fetchOnce(sourceFor(configFor("gitlab", host))),
      coded("source_forbidden", /needs the scope read_repository/),
    );
  });

  for (const [status, code] of [
    [401, "source_unauthorized"],
    [403, "source_forbidden"],
    [429, "source_rate_limited"],
    [502, "source_server_error"],
  ] as const) {
    test(`that answers ${status} to HEAD is not asked again with GET`, async (t) => {
      const host = await holdingArtifact(t, new GitLabHost());
      host.refusal = { status, body: { message: "no" } };
      await assert.rejects(fetchOnce(sourceFor(configFor("gitlab", host)), "etag"), coded(code));
      assert.equal(host.requests.length, 1);
    });
  }

  test("whose artifact goes away is asked once more what is missing", async (t) => {
    const host = await holdingArtifact(t, new GitLabHost());
    const source = sourceFor(configFor("gitlab", host));
    host.repository.commit("main", ARTIFACT_PATH, undefined);
    await assert.rejects(
      fetchOnce(source, "etag"),
      coded("source_not_found", /CLEF_AGENT_VCS_IDENTITY/),
    );
    assert.equal(host.requests.length, 2);
  });
});
