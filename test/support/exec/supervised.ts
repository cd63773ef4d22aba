import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Exec } from "../../../src/exec/exec.ts";
import type { SecretsChange, SecretsFeed } from "../../../src/exec/secrets-feed.ts";
import type { ExecSettings } from "../../../src/exec/settings.ts";
import type { Unavailable } from "../../../src/feed/unavailable.ts";
import { indexPayload } from "../../../src/store/payload-index.ts";
import type { AgentEvent } from "../../../src/telemetry/events.ts";
import { FakeClock } from "../fake-clock.ts";
import { type RecordingLog, recordingLog } from "../recording-log.ts";
import { eventually, temporaryDirectory } from "../temporary.ts";
import { childrenOf, endAllWith } from "./processes.ts";

/** What can be had from an agent, as the test says it. */
class StagedFeed implements SecretsFeed {
  #state: { readonly json: string } | { readonly reason: Unavailable } = { reason: "not_loaded" };
  readonly #subscribers = new Set<(change: SecretsChange) => void>();

  stage(json: string): void {
    this.#state = { json };
  }

  withhold(reason: Unavailable): void {
    this.#state = { reason };
  }

  tell(change: SecretsChange): void {
    for (const subscriber of this.#subscribers) subscriber(change);
  }

  use: SecretsFeed["use"] = (look) => {
    if ("reason" in this.#state) {
      return Promise.resolve({ kind: "unavailable", reason: this.#state.reason });
    }
    const nested = Buffer.from(this.#state.json);
    const value = look({ nested, index: indexPayload(nested), revision: this.#state.json });
    return Promise.resolve({ kind: "used", value });
  };

  subscribe: SecretsFeed["subscribe"] = (subscriber) => {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  };
}

/** The supervisor around a real command, with a clock, a chance and secrets of the test's. */
export class Supervised {
  readonly clock = new FakeClock();
  readonly feed = new StagedFeed();
  readonly recorded: RecordingLog = recordingLog();
  readonly told: AgentEvent[] = [];
  readonly exec: Exec;
  /** What files are waited for before the secrets are looked at. */
  delivered: () => Promise<unknown> = () => Promise.resolve();
  readonly #notes: string;
  /** What this process had started before, which is not the command. */
  readonly #others: readonly number[];

  /** @param command - a shell script that writes what it has to say to the file `$NOTES`. */
  static async start(
    t: TestContext,
    script: string,
    settings: Partial<ExecSettings> = {},
    random = 0.5,
  ): Promise<Supervised> {
    const directory = await temporaryDirectory(t);
    t.after(() => endAllWith(`NOTES=${join(directory, "notes")}`));
    const others = await childrenOf(process.pid);
    return new Supervised(join(directory, "notes"), others, script, settings, random);
  }

  private constructor(
    notes: string,
    others: readonly number[],
    script: string,
    settings: Partial<ExecSettings>,
    random: number,
  ) {
    this.#notes = notes;
    this.#others = others;
    this.exec = new Exec({
      settings: {
        command: ["sh", "-c", script],
        choice: { namespaces: [], only: [], maps: [], shellNames: false },
        allowedNames: [],
        preserveEnv: false,
        clearEnv: false,
        onChange: { kind: "restart" },
        splayMs: 0,
        stopSignal: "SIGTERM",
        stopTimeoutMs: 10_000,
        handsOver: true,
        api: false,
        ...settings,
      },
      env: { PATH: process.env["PATH"], NOTES: notes },
      clock: this.clock,
      random: () => random,
      log: this.recorded.log,
    });
  }

  follow(): void {
    this.exec.follow({
      feed: this.feed,
      address: () => ({}),
      delivered: async () => void (await this.delivered()),
      tell: (event) => void this.told.push(event),
    });
  }

  /** These secrets are served from now on. */
  serves(secrets: Readonly<Record<string, string>>): void {
    this.feed.stage(JSON.stringify(secrets));
    this.feed.tell({ kind: "serving" });
  }

  /** Makes the file `$NOTES.go`, for which a command may wait. */
  async release(): Promise<void> {
    await writeFile(`${this.#notes}.go`, "");
  }

  /** Waits until the command has ended and this process has heard of it. */
  async commandGone(): Promise<void> {
    await eventually("the end of the command", async () =>
      (await childrenOf(process.pid)).every((pid) => this.#others.includes(pid)),
    );
  }

  async notes(): Promise<readonly string[]> {
    const text = await readFile(this.#notes, "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** Waits until the command has noted this, while the clock goes on by as little as processes need. */
  async noted(note: string, times = 1): Promise<readonly string[]> {
    return eventually(`the note "${note}"`, async () => {
      await this.clock.advance(1);
      const notes = await this.notes();
      return notes.filter((line) => line === note).length >= times && notes;
    });
  }
}
