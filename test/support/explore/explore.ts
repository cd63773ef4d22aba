import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NOTHING_ACCEPTED } from "../../../src/artifact/trust.ts";
import { SIGNED, verified } from "../verified.ts";
import { originAnswers } from "./answers.ts";
import { BEGINNINGS, type Beginning, eventsWith } from "./events.ts";
import { decryptOnce, type ModeName } from "./life.ts";
import { type Event, START_MS, World } from "./world.ts";

export interface ExploreOptions {
  readonly mode: ModeName;
  readonly from: Beginning;
  /** How many events a path has at most after its beginning. */
  readonly depth: number;
  /** Whether paths that lead to the same state go on as one. */
  readonly merges: boolean;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly fingerprints: ReadonlySet<string>;
}

/** A path that leads to a state in which a rule is broken. */
class BrokenRule extends Error {
  constructor(events: readonly Event[], cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super([said, ...events.map(({ name }) => name)].join("\n  after: "), { cause });
  }
}

/** In memory where there is such a file system: what the disk does is fsync'ed as ever. */
const FILES = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * Every path of events up to the depth, breadth first, and the check in every state. The real code cannot
 * be copied, so a state is come to again by its path from the start.
 *
 * @throws BrokenRule with the shortest path, or one as short.
 */
export async function explore(
  { mode, from, depth, merges }: ExploreOptions,
  onLevel: (level: number, sofar: Explored) => void = () => undefined,
): Promise<Explored> {
  const events = await alphabet();
  const seen = new Set<string>();
  let transitions = 0;
  const beginning = BEGINNINGS[from].map((name) => {
    const event = events.find((each) => each.name === name);
    assert.ok(event, name);
    return event;
  });
  let level: (readonly Event[])[] = [beginning];
  for (let length = 1; length <= depth; length++) {
    const next: (readonly Event[])[] = [];
    for (const before of level) {
      const possible = await at(mode, before, async (world) => {
        // Before the check, which looks at the secrets, and so wipes what a jump of the clock has ended.
        const enabled = events.filter((event) => event.isEnabled(world));
        await world.check();
        seen.add(world.fingerprint());
        return enabled;
      });
      for (const event of possible) {
        const path = [...before, event];
        const state = await at(mode, path, async (world) => {
          await world.check();
          return world.fingerprint();
        });
        transitions++;
        if (!merges || !seen.has(state)) next.push(path);
        seen.add(state);
      }
    }
    level = next;
    onLevel(length, { states: seen.size, transitions, fingerprints: seen });
  }
  return { states: seen.size, transitions, fingerprints: seen };
}

/** Comes to the state at the end of the path, and looks at it. */
async function at<Seen>(
  mode: ModeName,
  path: readonly Event[],
  look: (world: World) => Promise<Seen>,
): Promise<Seen> {
  const world = new World(mode, join(FILES, `clef-explore-${process.pid}-${worlds++}`));
  try {
    await world.start();
    for (const event of path) {
      assert.ok(event.isEnabled(world), `${event.name} was possible before`);
      await event.happen(world);
    }
    return await look(world);
  } catch (error) {
    throw new BrokenRule(path, error);
  } finally {
    world.end();
  }
}

let worlds = 0;

let made: Promise<readonly Event[]> | undefined;

/** The events, the same in every run of this process. */
function alphabet(): Promise<readonly Event[]> {
  made ??= makeAlphabet();
  return made;
}

/** With every artifact decrypted once already. */
async function makeAlphabet(): Promise<readonly Event[]> {
  const answers = await originAnswers(START_MS);
  for (const answer of answers) {
    if (answer.kind !== "good") continue;
    const around = { policy: SIGNED, memory: NOTHING_ACCEPTED, nowMs: START_MS };
    await decryptOnce(verified(answer.good.text, around));
  }
  return eventsWith(answers);
}
