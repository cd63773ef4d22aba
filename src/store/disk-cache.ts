import { createHash } from "node:crypto";
import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TrustMemory } from "../artifact/trust.ts";
import type { VerifiedArtifact } from "../artifact/verify.ts";
import { AgentError, systemCode } from "../errors.ts";
import { ARTIFACT_MAX_BYTES, KEY_FILE_MAX_BYTES } from "../limits.ts";
import { writeFileAtomically } from "../system/atomic-write.ts";
import { closeToOthers, makePrivateDirectory } from "../system/private-directory.ts";
import { readBounded } from "../system/read-file.ts";
import type { ArtifactCache, CachedArtifact } from "./artifact-cache.ts";
import type { CacheRecord, RecordCodec } from "./cache-record.ts";

export interface DiskCacheOptions {
  readonly directory: string;
  /** What tells this source from others; names the entry. */
  readonly sourceKey: string;
  readonly codec: RecordCodec;
  /** Told of every trouble; nothing in this file throws. */
  readonly warn: (error: AgentError) => void;
}

/**
 * The encrypted disk cache (contract, section 5). An entry is a record and the artifact's file, named
 * by its hash. The artifact is written first and the record points to it, so that a crash at any
 * instant leaves the old pair or the new one.
 */
export class DiskCache implements ArtifactCache {
  readonly #options: DiskCacheOptions;
  readonly #entry: string;
  #held: string | null = null;
  #failures = 0;
  /** One operation at a time, in the order they were asked for. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: DiskCacheOptions) {
    this.#options = options;
    this.#entry = sha256(options.sourceKey).slice(0, 32);
  }

  get holdsArtifact(): boolean {
    return this.#held !== null;
  }

  get failures(): number {
    return this.#failures;
  }

  async load(): Promise<CachedArtifact | undefined> {
    return await this.#orWarn("read", async () => {
      const { directory } = this.#options;
      // Where nothing would be written, what lies there is somebody else's.
      if (!(await closeToOthers(directory, ENTRY))) throw openToOthers(directory);
      const text = await readText(this.#recordPath());
      if (text === undefined) return undefined;
      const record = this.#options.codec.decode(text);
      if (record === undefined) {
        throw new AgentError(
          "cache_unusable",
          `the entry ${this.#recordPath()} is damaged or was written with another age identity; it is ignored (CLEF_AGENT_CACHE_PATH)`,
        );
      }
      // What must not come back is remembered even if the artifact is damaged.
      const bytes = await this.#attempt("read", () => this.#readArtifact(record));
      return { ...record, bytes };
    });
  }

  async keep(
    artifact: VerifiedArtifact,
    refreshedAtMs: number,
    memory: TrustMemory,
  ): Promise<void> {
    await this.#orWarn("write", async () => {
      const { directory } = this.#options;
      const hash = sha256(artifact.bytes);
      if (!(await makePrivateDirectory(directory, ENTRY))) throw openToOthers(directory);
      const path = this.#artifactPath(hash);
      // A file that this process neither wrote nor read may be damaged.
      if (this.#held !== hash || !(await exists(path))) {
        await writeFileAtomically(path, artifact.bytes, 0o600);
      }
      await this.#writeRecord({ artifact: hash, refreshedAtMs, memory });
      if (this.#held !== hash) await this.#removeOthers(hash);
      this.#held = hash;
    });
  }

  async purge(memory: TrustMemory): Promise<void> {
    await this.#orWarn("write", async () => {
      if (!(await exists(this.#options.directory))) return;
      // First what was revoked: who starts after a crash in between must know it.
      const record = { artifact: null, refreshedAtMs: 0, memory };
      const isWritten = await this.#writeRecord(record).then(
        () => true,
        () => false,
      );
      await this.#removeOthers(null);
      this.#held = null;
      // A disk that was full has room now.
      if (!isWritten) await this.#writeRecord(record);
    });
  }

  async #readArtifact({ artifact }: CacheRecord): Promise<Uint8Array | undefined> {
    if (artifact === null) return undefined;
    const path = this.#artifactPath(artifact);
    const read = await readBounded(path, ARTIFACT_MAX_BYTES);
    if (read.kind !== "bytes" || sha256(read.bytes) !== artifact) {
      throw new AgentError("cache_unusable", `the entry ${path} is damaged; it is ignored`);
    }
    this.#held = artifact;
    return read.bytes;
  }

  async #writeRecord(record: CacheRecord): Promise<void> {
    await writeFileAtomically(this.#recordPath(), this.#options.codec.encode(record), 0o600);
  }

  /** Removes this entry's artifacts but one, and what a crash left of them. */
  async #removeOthers(keep: string | null): Promise<void> {
    const { directory } = this.#options;
    const names = await readdir(directory);
    const others = names.filter(
      (name) =>
        (name.startsWith(`${this.#entry}-`) || name.startsWith(`.${this.#entry}`)) &&
        (keep === null || !name.startsWith(`${this.#entry}-${keep}`)),
    );
    await Promise.all(others.map(async (name) => rm(join(directory, name), { force: true })));
  }

  #recordPath(): string {
    return join(this.#options.directory, `${this.#entry}.record`);
  }

  #artifactPath(hash: string): string {
    return join(this.#options.directory, `${this.#entry}-${hash}.json`);
  }

  #orWarn<Value>(verb: "read" | "write", work: () => Promise<Value>): Promise<Value | undefined> {
    const done = this.#queue.then(() => this.#attempt(verb, work));
    this.#queue = done;
    return done;
  }

  async #attempt<Value>(
    verb: "read" | "write",
    work: () => Promise<Value>,
  ): Promise<Value | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const { directory, warn } = this.#options;
      const code = systemCode(thrown) ?? "unknown error";
      const text = `the disk cache in ${directory} cannot be ${verb === "read" ? "read" : "written"} (${code}); the agent goes on without it (CLEF_AGENT_CACHE_PATH)`;
      this.#failures++;
      warn(thrown instanceof AgentError ? thrown : new AgentError("cache_unusable", text));
      return undefined;
    }
  }
}

/** Names of the files that caches make; a temporary one begins with a dot. */
const ENTRY = /^\.?[0-9a-f]{32}[.-]/;

function openToOthers(directory: string): AgentError {
  return new AgentError(
    "cache_unusable",
    `the directory ${directory} is open to others and not the agent's alone, so nothing is cached, and nothing read from it; name one inside it, which the agent makes for itself (CLEF_AGENT_CACHE_PATH)`,
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const read = await readBounded(path, KEY_FILE_MAX_BYTES);
    return read.kind === "bytes" ? read.bytes.toString("utf8") : "";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
