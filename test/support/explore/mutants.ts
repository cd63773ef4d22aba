import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../../../scripts/run.ts";
import type { Beginning } from "./events.ts";

/** A rule broken in the source, by one edit. */
export interface Mutant {
  readonly file: string;
  readonly edit: readonly [string, string];
  readonly from: Beginning;
  readonly depth: number;
}

/** By what they do wrong. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  "checks no signature": {
    file: "src/artifact/verify.ts",
    edit: ["checkSignature(parsed, policy.verifyKeys);", ""],
    from: "start",
    depth: 2,
  },
  "takes what is packed for someone else": {
    file: "src/artifact/verify.ts",
    edit: ["checkAddressee(parsed, policy);", ""],
    from: "start",
    depth: 2,
  },
  "takes a marker for a refused artifact": {
    file: "src/artifact/verify.ts",
    edit: ["if (last === undefined) return;", 'throw new AgentError("integrity", "");'],
    from: "served",
    depth: 2,
  },
  "takes what is older": {
    file: "src/artifact/trust.ts",
    edit: ["artifact.packedAt.ms < newest.packedAtMs", "artifact.packedAt.ms < 0"],
    from: "served",
    depth: 2,
  },
  "takes other bytes under the same revision": {
    file: "src/artifact/trust.ts",
    edit: ["digestOf(artifact) !== namesake.digest", "namesake.digest.length === 0"],
    from: "served",
    depth: 2,
  },
  "takes a revoked revision back": {
    file: "src/artifact/trust.ts",
    edit: ["memory.revoked.includes(artifact.revision)", "memory.revoked.length > 999"],
    from: "revoked",
    depth: 2,
  },
  "forgets over a restart what was revoked": {
    file: "src/refresh/acceptance-record.ts",
    edit: [
      "this.#cache.purge(this.#memory)",
      "this.#cache.purge({ ...this.#memory, revoked: [] })",
    ],
    from: "revoked",
    depth: 2,
  },
  "forgets over a restart what was accepted": {
    file: "src/refresh/acceptance-record.ts",
    edit: ["this.#memory = cached.memory;", ";"],
    from: "served",
    depth: 2,
  },
  "serves before it is on disk": {
    file: "src/refresh/custody.ts",
    edit: ["await record.accept", "void record.accept"],
    from: "start",
    depth: 1,
  },
  "leaves what was revoked on disk": {
    file: "src/refresh/custody.ts",
    edit: ["if (isNew || !already) await this.#options.record.purge();", ""],
    from: "served",
    depth: 2,
  },
  "serves for twice the TTL": {
    file: "src/freshness/freshness.ts",
    edit: ["ttlMs - elapsedMs(", "2 * ttlMs - elapsedMs("],
    from: "served",
    depth: 1,
  },
  "serves past the expiry": {
    file: "src/freshness/freshness.ts",
    edit: ["expiresAtMs - steadyWallMs(", "2 * expiresAtMs - steadyWallMs("],
    from: "start",
    depth: 3,
  },
  "does not see that the machine slept": {
    file: "src/system/clock.ts",
    edit: ["to.wallMs - from.wallMs, to.monoMs", "to.monoMs - from.monoMs, to.monoMs"],
    from: "served",
    depth: 1,
  },
  "buys time by a clock set back": {
    file: "src/system/clock.ts",
    edit: ["to.wallMs - from.wallMs, to.monoMs - from.monoMs", "to.wallMs - from.wallMs"],
    from: "served",
    depth: 3,
  },
  "counts the TTL from the restart": {
    file: "src/refresh/restore.ts",
    edit: ["refreshedAt: instantBefore(now, ageMs)", "refreshedAt: instantBefore(now, 0)"],
    from: "served",
    depth: 3,
  },
  "keeps plaintext past its time": {
    file: "src/refresh/serving-state.ts",
    edit: ["    store.wipe();\n    this.#held", "    this.#held"],
    from: "served",
    depth: 1,
  },
  "renews what ended while the machine slept": {
    file: "src/refresh/serving-state.ts",
    edit: ["    this.freshness();\n    return this.#held;", "    return this.#held;"],
    from: "served",
    depth: 3,
  },
  "takes every failure for a renewal": {
    file: "src/refresh/custody.ts",
    edit: [
      'case "fetch_failed":\n        this.#settleFailed(outcome.error);\n        return undefined;',
      'case "fetch_failed":\n        return this.#settleUnchanged(undefined);',
    ],
    from: "served",
    depth: 3,
  },
};

/** @returns the mutant's file as it is, with the rule broken. @throws if it does not hold what is edited once. */
export async function mutated({ file, edit: [before, after] }: Mutant): Promise<string> {
  const source = await readFile(path.join(ROOT, file), "utf8");
  if (source.split(before).length !== 2) throw new Error(`${file} has not one "${before}"`);
  return source.replace(before, () => after);
}

/** Copies what the explorer needs into an empty directory, and breaks the rule there. */
export async function makeMutant(mutant: Mutant, directory: string): Promise<void> {
  await Promise.all([
    ...["src", "test/support", "scripts"].map((folder) =>
      cp(path.join(ROOT, folder), path.join(directory, folder), { recursive: true }),
    ),
    cp(path.join(ROOT, "package.json"), path.join(directory, "package.json")),
    symlink(path.join(ROOT, "node_modules"), path.join(directory, "node_modules")),
  ]);
  await writeFile(path.join(directory, mutant.file), await mutated(mutant));
}
