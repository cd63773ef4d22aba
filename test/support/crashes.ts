import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AgentProcess } from "./agent-process.ts";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "./artifacts.ts";
import { healthy, Origin } from "./origin.ts";
import { eventually, temporaryDirectory } from "./temporary.ts";

/** How the origin is while the agent starts again. */
const MOODS = ["up", "down", "rolled back"] as const;
type Mood = (typeof MOODS)[number];

export interface CrashReport {
  readonly kills: number;
  /** Restarts after which a revision was served, by how the origin was. */
  readonly served: Readonly<Record<Mood, number>>;
  readonly revisions: number;
}

/**
 * Kills the built agent with SIGKILL again and again, at any moment of its life, while the artifact
 * changes and a reader reads. Every answer must be whole, and none older than one seen before,
 * whatever the origin does at the restart.
 */
export async function crashAgain(t: TestContext, kills: number): Promise<CrashReport> {
  const world = await World.create(t);
  const served = { up: 0, down: 0, "rolled back": 0 };
  for (let done = 0; done < kills; done++) {
    const mood = MOODS[Math.floor(Math.random() * MOODS.length)] ?? "up";
    await world.setMood(mood);
    const agent = world.startAgent();
    if (Math.random() < 0.25) {
      await sleep(Math.random() * 150);
    } else if (world.newestSeen > 0 || mood !== "down") {
      await eventually(`served while ${mood}; ${agent.stderr}`, () => world.read(agent));
      served[mood]++;
      await world.liveOn(agent, Math.random() * 150);
    }
    agent.child.kill("SIGKILL");
    await agent.ended();
  }
  return { kills, served, revisions: world.published };
}

class World {
  readonly #context: TestContext;
  readonly #origin: Origin;
  readonly #cachePath: string;
  readonly #artifacts: string[] = [];
  /** The newest generation that a reader was given. */
  newestSeen = 0;

  private constructor(context: TestContext, origin: Origin, cachePath: string) {
    this.#context = context;
    this.#origin = origin;
    this.#cachePath = cachePath;
  }

  static async create(t: TestContext): Promise<World> {
    const world = new World(t, await Origin.start(t), await temporaryDirectory(t));
    await world.publish();
    return world;
  }

  get published(): number {
    return this.#artifacts.length;
  }

  startAgent(): AgentProcess {
    return AgentProcess.start(this.#context, {
      CLEF_AGENT_SOURCE: this.#origin.url,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
      CLEF_AGENT_CACHE_PATH: this.#cachePath,
    });
  }

  async setMood(mood: Mood): Promise<void> {
    this.#origin.behaviour = healthy;
    if (mood === "down") {
      await this.#origin.down();
      return;
    }
    await this.#origin.up();
    const back = mood === "rolled back" ? 1 + Math.floor(Math.random() * 5) : 0;
    // With nothing seen yet, an older artifact would rightly be accepted.
    const index = this.newestSeen === 0 ? this.published : Math.max(1, this.published - back);
    this.#origin.artifact = this.#artifacts[index - 1] ?? "";
  }

  /** Packs generation n; every one of its values says n. */
  async publish(): Promise<void> {
    const generation = String(this.published + 1);
    const names = Array.from({ length: 40 }, (_, index) => [`KEY_${index}`, generation]);
    const artifact = await pack({ secrets: Object.fromEntries(names), signed: true });
    this.#artifacts.push(artifact);
    this.#origin.artifact = artifact;
  }

  /** Publishes and reads, as fast as it goes, for a while. */
  async liveOn(agent: AgentProcess, ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      await this.publish();
      agent.child.kill("SIGHUP");
      await this.read(agent);
    }
  }

  /** @returns whether secrets were served. */
  async read(agent: AgentProcess): Promise<boolean> {
    const { status, body } = await agent.get("/v1/secrets");
    if (status !== 200) return false;
    const values = Object.values(JSON.parse(body) as Readonly<Record<string, string>>);
    assert.equal(values.length, 40, "a whole revision");
    assert.equal(new Set(values).size, 1, "and one revision only");
    const generation = Number(values[0]);
    assert.ok(
      generation >= this.newestSeen,
      `generation ${generation} is served after ${this.newestSeen} was seen`,
    );
    this.newestSeen = generation;
    return true;
  }
}
