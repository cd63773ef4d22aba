import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VCS_MEMORY_MS } from "../../../src/limits.ts";
import { BitbucketHost } from "../../support/code-hosts/bitbucket.ts";
import {
  ARTIFACT,
  ARTIFACT_PATH,
  configFor,
  fetchOnce,
  holdingArtifact,
  sourceFor,
} from "../../support/code-hosts/sources.ts";

/** The requests of what `act` does, without what all have in common. */
async function requestsOf(host: BitbucketHost, act: () => Promise<unknown>): Promise<string[]> {
  const before = host.requests.length;
  await act();
  return host.requests
    .slice(before)
    .map((request) => request.replace("GET /2.0/repositories/acme/secrets", ""));
}

describe("Bitbucket", () => {
  test("is asked for the commit of a branch, and for the file at that commit", async (t) => {
    const host = await holdingArtifact(t, new BitbucketHost());
    const source = sourceFor(configFor("bitbucket", host, { ref: "main" }));
    const meta = `/src/main/${ARTIFACT_PATH}?format=meta&fields=commit.hash`;
    let etag: string | undefined;
    const fetch = async (): Promise<void> => {
      const answer = await fetchOnce(source, etag);
      if (answer.kind === "bytes") etag = answer.etag;
    };
    const first = host.repository.resolve("main");
    assert.deepEqual(await requestsOf(host, fetch), [meta, `/src/${first}/${ARTIFACT_PATH}`]);
    assert.equal(etag, first);
    assert.deepEqual(await requestsOf(host, fetch), [meta]);
    const second = host.repository.commit("main", ARTIFACT_PATH, Buffer.from("[]"));
    assert.deepEqual(await requestsOf(host, fetch), [meta, `/src/${second}/${ARTIFACT_PATH}`]);
    assert.deepEqual(await requestsOf(host, fetch), [meta]);
  });

  test("is asked for a branch with a slash by its name, and never with it before a path", async (t) => {
    const host = await holdingArtifact(t, new BitbucketHost());
    const hash = host.repository.commit("feature/a", ARTIFACT_PATH, ARTIFACT);
    const source = sourceFor(configFor("bitbucket", host, { ref: "feature/a" }));
    assert.deepEqual(await requestsOf(host, () => fetchOnce(source)), [
      "/refs/branches/feature/a?fields=target.hash",
      `/src/${hash}/${ARTIFACT_PATH}`,
    ]);
  });

  test("is asked now and then what its default branch is called", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
    const host = await holdingArtifact(t, new BitbucketHost());
    const source = sourceFor(configFor("bitbucket", host));
    const meta = (branch: string): string =>
      `/src/${branch}/${ARTIFACT_PATH}?format=meta&fields=commit.hash`;
    const etag = host.repository.resolve("main");
    const fetch = (): Promise<unknown> => fetchOnce(source, etag);
    assert.deepEqual(await requestsOf(host, fetch), ["?fields=mainbranch.name", meta("main")]);
    assert.deepEqual(await requestsOf(host, fetch), [meta("main")]);
    const trunk = host.repository.commit("trunk", ARTIFACT_PATH, ARTIFACT);
    host.repository.defaultBranch = "trunk";
    t.mock.timers.setTime(1_000 + VCS_MEMORY_MS);
    assert.deepEqual(await requestsOf(host, fetch), [
      "?fields=mainbranch.name",
      meta("trunk"),
      `/src/${trunk}/${ARTIFACT_PATH}`,
    ]);
  });

  test("whose default branch was renamed is asked for the new name at the next attempt", async (t) => {
    const host = await holdingArtifact(t, new BitbucketHost());
    const source = sourceFor(configFor("bitbucket", host));
    await fetchOnce(source);
    host.repository.commit("trunk", ARTIFACT_PATH, ARTIFACT);
    host.repository.branches.delete("main");
    host.repository.defaultBranch = "trunk";
    await assert.rejects(fetchOnce(source));
    assert.equal((await fetchOnce(source)).kind, "bytes");
  });

  for (const [what, token] of [
    ["an access token of a repository, project or workspace", "ATCTT3xTest-0123456789"],
    ["an API token", "me@example.com:ATATT3xTest-0123456789"],
    ["an app password", "me:ATBBtest0123456789"],
  ] as const) {
    test(`takes ${what}`, async (t) => {
      const host = await holdingArtifact(t, new BitbucketHost());
      host.token = token;
      assert.equal((await fetchOnce(sourceFor(configFor("bitbucket", host)))).kind, "bytes");
    });
  }
});
