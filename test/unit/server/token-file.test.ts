import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { TokenGuard } from "../../../src/server/token.ts";
import { openToken } from "../../../src/server/token-file.ts";
import { coded } from "../../support/errors.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const OLD = "old-token-0123456789";
const NEW = "new-token-9876543210";

function stopAtEnd(t: TestContext): AbortSignal {
  const controller = new AbortController();
  t.after(() => controller.abort());
  return controller.signal;
}

async function opened(t: TestContext, path: string): Promise<TokenGuard> {
  return openToken({ kind: "file", path }, recordingLog().log, stopAtEnd(t));
}

describe("a token file", () => {
  test("that exists is read, without white space and byte order mark around the token", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    await writeFile(path, `\ufeff  ${OLD}\r\n`);
    assert.ok((await opened(t, path)).accepts(`Bearer ${OLD}`));
  });

  test("that does not exist is written with a strong token and mode 0600", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    const guard = await opened(t, path);
    const token = (await readFile(path, "utf8")).trim();
    assert.match(token, /^[\w-]{43}$/);
    assert.ok(guard.accepts(`Bearer ${token}`));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  for (const [how, replace] of [
    ["written in place", (path: string) => writeFile(path, NEW)],
    [
      "replaced by rename",
      async (path: string) => {
        await writeFile(`${path}.next`, NEW);
        await rename(`${path}.next`, path);
      },
    ],
  ] as const) {
    test(`that is ${how} is followed, and the old token is worth nothing`, async (t) => {
      const path = join(await temporaryDirectory(t), "token");
      await writeFile(path, OLD);
      const guard = await opened(t, path);
      await replace(path);
      await eventually("the new token", () => guard.accepts(`Bearer ${NEW}`));
      assert.equal(guard.accepts(`Bearer ${OLD}`), false);
    });
  }

  test("that is replaced while it is opened is followed, whenever in between that was", async (t) => {
    const folder = await temporaryDirectory(t);
    await Promise.all(
      Array.from({ length: 16 }, async (_, turns) => {
        const path = join(folder, `token-${turns}`);
        writeFileSync(path, OLD);
        const opening = opened(t, path);
        for (let turn = 0; turn < turns; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        writeFileSync(`${path}.next`, NEW);
        renameSync(`${path}.next`, path);
        const guard = await opening;
        await eventually(`the new one after ${turns} turns`, () => guard.accepts(`Bearer ${NEW}`));
      }),
    );
  });

  test("that becomes unusable leaves the token in use, with a warning", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    await writeFile(path, OLD);
    const recorded = recordingLog();
    const guard = await openToken({ kind: "file", path }, recorded.log, stopAtEnd(t));
    await writeFile(path, "two words");
    await eventually("a warning", () => recorded.messages("warn").length > 0);
    assert.ok(guard.accepts(`Bearer ${OLD}`));
    assert.doesNotMatch(recorded.messages("warn").join(), /two words/);
  });

  test("that vanishes is written again, with the same token, if the agent made it", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    const guard = await opened(t, path);
    const token = (await readFile(path, "utf8")).trim();
    await rm(path);
    await eventually("the file", async () => (await readFile(path, "utf8").catch(() => "")) !== "");
    assert.equal((await readFile(path, "utf8")).trim(), token);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.ok(guard.accepts(`Bearer ${token}`));
  });

  test("that vanishes is only told of if somebody else wrote the token, and followed when it is back", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    const recorded = recordingLog();
    const guard = await openToken({ kind: "file", path }, recorded.log, stopAtEnd(t));
    await writeFile(path, OLD);
    await eventually("their token", () => guard.accepts(`Bearer ${OLD}`));
    await rm(path);
    await eventually("a warning", () =>
      recorded.messages("warn").some((line) => line.includes("has gone")),
    );
    await assert.rejects(stat(path));
    assert.ok(guard.accepts(`Bearer ${OLD}`));
    await writeFile(path, NEW);
    await eventually("the new token", () => guard.accepts(`Bearer ${NEW}`));
  });

  test("with a token that can be guessed is warned of, at the start and later", async (t) => {
    const path = join(await temporaryDirectory(t), "token");
    await writeFile(path, "letmein");
    const recorded = recordingLog();
    await openToken({ kind: "file", path }, recorded.log, stopAtEnd(t));
    assert.match(
      recorded.messages("warn").join(),
      /token of CLEF_AGENT_TOKEN_FILE .* can be guessed/,
    );
    await writeFile(path, "z".repeat(30));
    await eventually("another warning", () => recorded.messages("warn").length === 2);
  });

  for (const [what, content] of [
    ["empty", " \n"],
    ["of several lines", "one\ntwo\n"],
    ["not ASCII", "clé-clé-clé-clé"],
    ["too long", "x".repeat(513)],
  ] as const) {
    test(`that is ${what} at the start is an error`, async (t) => {
      const path = join(await temporaryDirectory(t), "token");
      await writeFile(path, content);
      await assert.rejects(opened(t, path), coded("config_invalid", /CLEF_AGENT_TOKEN_FILE/));
    });
  }

  test("that is a directory, or lies in none, is an error", async (t) => {
    const directory = await temporaryDirectory(t);
    await assert.rejects(opened(t, directory), coded("config_invalid", /CLEF_AGENT_TOKEN_FILE/));
    const nowhere = join(directory, "none", "token");
    await assert.rejects(opened(t, nowhere), coded("config_invalid", /CLEF_AGENT_TOKEN_FILE/));
  });

  test("is reported by its variable, never by the value of that variable", async (t) => {
    const path = join(await temporaryDirectory(t), "none", "sk_alpha_pasted_here");
    await assert.rejects(opened(t, path), (error: Error) => {
      assert.doesNotMatch(error.message, /sk_alpha_pasted_here/);
      return true;
    });
  });
});

describe("openToken", () => {
  test("takes a fixed token as it is", async (t) => {
    const config = { kind: "fixed", token: OLD } as const;
    const guard = await openToken(config, recordingLog().log, stopAtEnd(t));
    assert.ok(guard.accepts(`Bearer ${OLD}`));
  });

  test("makes one that nobody can guess when there is none", async (t) => {
    const guard = await openToken({ kind: "generated" }, recordingLog().log, stopAtEnd(t));
    assert.equal(guard.accepts("Bearer "), false);
    assert.equal(guard.accepts("Bearer undefined"), false);
  });

  test("hides the token from the log", async (t) => {
    const { log, lines } = recordingLog();
    await openToken({ kind: "fixed", token: OLD }, log, stopAtEnd(t));
    log.info(`it is ${OLD}`);
    assert.equal(lines[0]?.["message"], "it is [hidden]");
  });
});
