import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AgentProcess } from "../support/agent-process.ts";
import { pack, revocation } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { type FilesPlace, filesPlace } from "../support/files-place.ts";
import { eventually } from "../support/temporary.ts";

const LANES = 2;
const KILLS = 100;

/** A set of which every file says which one it is, with names of its own. */
function secretsOf(generation: number): Record<string, unknown> {
  const value = String(generation);
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`KEY_${at}`, value]));
  return { ...many, [`ONLY_${generation % 7}`]: value, [`space_${generation % 3}`]: { IN: value } };
}

/** What readers find through `..data`: one whole generation, or nothing. */
function foundIn(directory: string): string | undefined {
  let held;
  try {
    held = join(directory, readlinkSync(join(directory, "..data")));
  } catch {
    return undefined;
  }
  const contents = readdirSync(held, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  assert.equal(new Set(contents).size, 1, "a mixed set");
  assert.equal(contents.length, 42, "half a set");
  return contents[0];
}

/** An agent that lives until it is killed at any moment of rotations and revocations. */
async function killedOne(context: TestContext, at: FilesPlace, first: number): Promise<number> {
  const agent = AgentProcess.start(context, { ...at.env, CLEF_AGENT_LOG_LEVEL: "error" });
  let next = first;
  // In the start itself, or while sets replace each other.
  const isEarly = Math.random() < 0.3;
  if (!isEarly) {
    await eventually(
      "it writes",
      () => agent.exit !== undefined || foundIn(at.directory) === String(first - 1),
    );
  }
  const lifeMs = Math.random() * (isEarly ? 400 : 250);
  const ended = sleep(lifeMs).then(() => agent.child.kill("SIGKILL"));
  for (let waited = 0; waited < lifeMs; waited += 30) {
    at.put(Math.random() < 0.15 ? revocation() : await pack({ secrets: secretsOf(next++) }));
    await sleep(30);
  }
  await ended;
  await agent.ended();
  return next;
}

describe(`kill -9 at ${LANES * KILLS} random moments`, { concurrency: true }, () => {
  for (let lane = 1; lane <= LANES; lane++) {
    test(`lane ${lane}: leaves no half set, and nothing that a restart does not clear`, async (context) => {
      const at = await filesPlace(context);
      let next = 1;
      const left = { set: 0, nothing: 0, remains: 0 };
      at.put(await pack({ secrets: secretsOf(0) }));
      for (let kills = 0; kills < KILLS; kills++) {
        next = await killedOne(context, at, next);
        // Whole, or nothing; and whatever remains beside it is hidden.
        if (foundIn(at.directory) === undefined) left.nothing++;
        else left.set++;
        if (namesIn(at.directory).filter((name) => name.startsWith("..clef-")).length > 3)
          left.remains++;
        at.put(await pack({ secrets: secretsOf(next++) }));
        if (kills % 5 > 0) continue;
        const agent = AgentProcess.start(context, at.env);
        await agent.ready();
        const revision = readlinkSync(join(at.directory, "..data"));
        const now = String(next - 1);
        await eventually("only what belongs there", () => {
          const own = namesIn(at.directory).filter((name) => name.startsWith(".."));
          return own.length === 4 && own.includes(revision) && own.includes(`${revision}.record`);
        });
        assert.deepEqual(
          visible(at.directory),
          Object.fromEntries(
            Object.entries(secretsOf(Number(now))).map(([name, value]) =>
              typeof value === "string" ? [name, value] : [`${name}/IN`, now],
            ),
          ),
        );
        await agent.stop();
        assert.deepEqual(namesIn(at.directory), []);
      }
      context.diagnostic(JSON.stringify(left));
      assert.ok(
        left.set > KILLS / 10 && left.nothing > 0 && left.remains > 0,
        JSON.stringify(left),
      );
    });
  }
});
