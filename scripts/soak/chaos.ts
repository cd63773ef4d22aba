import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SoakAgent } from "./agent.ts";
import type { Observer } from "./observer.ts";
import type { Mood, SoakOrigin } from "./origin.ts";
import { holdConnections } from "./readers.ts";

/** Something that was done, for the report and the picture. */
export interface Deed {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ChaosParts {
  readonly agent: SoakAgent;
  readonly origin: SoakOrigin;
  readonly observer: Observer;
  /** The file system of the disk cache; undefined where it is not one that can be filled. */
  readonly disk: string | undefined;
  readonly random: (below: number) => number;
}

type Act = (parts: ChaosParts) => Promise<void>;

const seconds = (parts: ChaosParts, from: number, to: number): number =>
  1_000 * (from + parts.random(to - from + 1));

const mood =
  (name: Mood, from: number, to: number): Act =>
  async (parts) => {
    await parts.origin.turn(name);
    await pause(seconds(parts, from, to));
    await parts.origin.turn("good");
  };

/** Everything that may go wrong, one at a time. */
const ACTS: Readonly<Record<string, Act>> = {
  "origin down": mood("refuses connections", 3, 40),
  "origin: 500": mood("answers 500", 3, 40),
  "origin hangs": mood("hangs", 3, 40),
  "origin breaks off": mood("breaks off", 3, 15),
  rollback: mood("is rolled back", 3, 15),
  unsigned: mood("holds one without a signature", 3, 15),
  forged: mood("holds one of a stranger", 3, 15),
  revoked: mood("holds a revocation marker", 4, 8),
  SIGSTOP: async (parts) => {
    parts.agent.signal("SIGSTOP");
    await pause(seconds(parts, 1, 8));
    parts.agent.signal("SIGCONT");
  },
  "kill -9": async ({ agent }) => {
    await agent.kill("SIGKILL");
    await agent.start();
  },
  "clock jumps": async (parts) => {
    const jumps = [-86_400, -3_600, -20, 20, 60, 3_600, 20_000];
    parts.agent.setClock(jumps[parts.random(jumps.length)] ?? 0);
    await pause(seconds(parts, 3, 10));
    parts.agent.setClock(0);
  },
  "disk full": async (parts) => {
    if (parts.disk === undefined) return;
    const filler = path.join(parts.disk, "filler");
    try {
      for (let size = 2 ** 20; size >= 512; size /= 2) {
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
        } catch {
          // What fits is there; the rest is filled in smaller pieces.
        }
      }
      await pause(seconds(parts, 3, 10));
    } finally {
      rmSync(filler, { force: true });
    }
    // Until a rotation has been written again.
    await pause(3_000);
  },
  "strangers' connections": async (parts) => {
    await holdConnections(parts.agent.port, 400, seconds(parts, 3, 8));
  },
};

/** Does one thing after the other, by the seed, with some calm between them, until it is stopped. */
export async function chaos(
  parts: ChaosParts,
  done: Deed[],
  stopped: () => boolean,
): Promise<void> {
  const { observer, random } = parts;
  const names = Object.keys(ACTS);
  while (!stopped()) {
    await pause(seconds(parts, 2, random(4) === 0 ? 30 : 8));
    const name = names[random(names.length)] ?? "";
    const fromMs = performance.now();
    const troubled = setInterval(() => observer.trouble(), 100);
    observer.trouble();
    await ACTS[name]?.(parts);
    clearInterval(troubled);
    observer.trouble();
    done.push({ name, fromMs, toMs: performance.now() });
  }
}
