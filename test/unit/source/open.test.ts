import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileSource } from "../../../src/source/file.ts";
import { openSource } from "../../../src/source/open.ts";
import { coded } from "../../support/errors.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { DIRECT } from "../../support/network.ts";

describe("a file source", () => {
  test("refuses a directory at once, and a pipe or a path through a file later", async (t) => {
    const directory = await temporaryDirectory(t);
    assert.throws(() => fileSource(directory), coded("source_unreadable", /is a directory/));
    await writeFile(join(directory, "file"), "x");
    const through = fileSource(join(directory, "file", "x"));
    const signal = new AbortController().signal;
    await assert.rejects(through.fetch({ etag: undefined, signal }), coded("source_not_found"));
    const later = fileSource(join(directory, "later"));
    await mkdir(join(directory, "later"));
    await assert.rejects(later.fetch({ etag: undefined, signal }), coded("source_unreadable"));
  });

  test("goes by its absolute path, wherever the agent was started", () => {
    assert.equal(fileSource("x.json").cacheKey, `file ${join(process.cwd(), "x.json")}`);
  });
});

test("openSource opens what the configuration names", async () => {
  const { log } = recordingLog();
  const vcs = {
    kind: "vcs",
    repo: "a/b",
    credential: { kind: "bearer", token: "x" },
    tokenFile: undefined,
    identity: "api",
    environment: "production",
    ref: undefined,
    apiUrl: undefined,
  } as const;
  for (const [config, description] of [
    [{ kind: "file", path: "/x" }, /^\/x$/],
    [{ kind: "http", url: new URL("http://h/x") }, /^http:\/\/h\/x$/],
    [
      { kind: "s3", location: { bucket: "b", key: "k", query: [], host: undefined } },
      /^s3:\/\/b\/k$/,
    ],
    [{ ...vcs, provider: "github" }, /^github https:\/\/api\.github\.com a\/b /],
    [{ ...vcs, provider: "gitlab" }, /^gitlab https:\/\/gitlab\.com\/api\/v4 a\/b /],
    [
      { ...vcs, provider: "gitea", apiUrl: new URL("https://codeberg.org") },
      /^gitea https:\/\/codeberg\.org\/api\/v1 a\/b /,
    ],
    [{ ...vcs, provider: "bitbucket" }, /^bitbucket https:\/\/api\.bitbucket\.org\/2\.0 a\/b /],
  ] as const) {
    const source = await openSource(config, { log, network: DIRECT });
    assert.equal(source.type, config.kind);
    assert.match(source.description, description);
  }
});
