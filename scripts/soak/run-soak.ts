import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SoakAgent } from "./agent.ts";
import { ArtifactMaker } from "./artifact.ts";
import { chaos, type Deed } from "./chaos.ts";
import { Observer } from "./observer.ts";
import { SoakOrigin } from "./origin.ts";
import type { Sample } from "./picture.ts";
import { Readers } from "./readers.ts";
import { randomBy } from "../fuzz/mutate.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
}

export interface SoakReport {
  readonly requests: number;
  /** Times that a connection was refused or broke, as when the agent was killed. */
  readonly refused: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly violations: readonly string[];
  readonly rotations: number;
  readonly starts: number;
  readonly slowestRevocationMs: number;
  readonly deeds: readonly Deed[];
  readonly samples: readonly Sample[];
  /** What the machine lacks for some of the chaos. */
  readonly lacks: readonly string[];
}

const READERS = 6;
/** Connections on which the next request goes as soon as an answer is there, for the sum of the requests. */
const ASKING = 24;
const WAITERS = 8;
const ROTATION_MS = 1_000;
const SAMPLE_MS = 1_000;

/** The built agent under load and chaos, every answer of it held to the rules. */
export async function runSoak({ minutes, seed }: SoakOptions): Promise<SoakReport> {
  const directory = mkdtempSync(path.join(tmpdir(), "clef-soak-"));
  const disk = smallDisk(path.join(directory, "disk"));
  const observer = new Observer();
  const maker = await ArtifactMaker.create();
  const origin = new SoakOrigin(maker, observer);
  const url = await origin.open();
  const cache = path.join(disk ?? directory, "cache");
  const { ageIdentity, verifyKey } = maker;
  const agent = new SoakAgent({ url, ageIdentity, verifyKey, directory, cache });
  const readers = new Readers(agent, observer);
  const samples: Sample[] = [];
  const deeds: Deed[] = [];
  let set = 0;
  await origin.rotate(++set);
  await agent.start();
  readers.start(READERS, ASKING, WAITERS);
  const endMs = performance.now() + minutes * 60_000;
  const isOver = (): boolean => performance.now() >= endMs;
  const rotating = (async () => {
    while (!isOver()) {
      await pause(ROTATION_MS);
      await origin.rotate(++set);
      agent.lookNow();
    }
  })();
  const sampling = (async () => {
    for (let before = 0; !isOver(); before = readers.requests) {
      await pause(SAMPLE_MS);
      const latencies = readers.latencies.toSorted((a, b) => a - b);
      readers.latencies = [];
      const at = (share: number): number | undefined =>
        latencies[Math.floor(latencies.length * share)];
      const { rssMb, anonymousMb, descriptors } = agent.held() ?? {};
      const requests = readers.requests - before;
      samples.push({
        atMs: performance.now(),
        requests,
        medianMs: at(0.5),
        p99Ms: at(0.99),
        rssMb,
        anonymousMb,
        descriptors,
      });
      if (agent.isGone && !deeds.some(({ toMs }) => performance.now() - toMs < 5_000)) {
        observer.violations.push("the agent ended by itself");
      }
    }
  })();
  await chaos({ agent, origin, observer, disk, random: randomBy(seed) }, deeds, isOver);
  await Promise.all([rotating, sampling]);
  const code = await agent.kill("SIGTERM");
  if (code !== 0) observer.violations.push(`SIGTERM ended it with ${code}`);
  readers.stop();
  origin.close();
  if (disk !== undefined) execFileSync("umount", [disk]);
  rmSync(directory, { recursive: true, force: true });
  return {
    requests: readers.requests,
    refused: readers.refused,
    statuses: observer.statuses,
    violations: observer.violations,
    rotations: set,
    starts: agent.starts,
    slowestRevocationMs: observer.slowestRevocationMs,
    deeds,
    samples,
    lacks: [...agent.lacks, ...(disk === undefined ? ["the right to mount: no full disk"] : [])],
  };
}

/** A file system in memory of half a megabyte, which is soon full; undefined where it may not be mounted. */
function smallDisk(directory: string): string | undefined {
  try {
    mkdirSync(directory);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", directory], {
      stdio: "ignore",
    });
    return directory;
  } catch {
    return undefined;
  }
}
