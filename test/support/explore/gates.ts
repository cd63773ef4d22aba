import type { TrustMemory } from "../../../src/artifact/trust.ts";
import type { VerifiedArtifact } from "../../../src/artifact/verify.ts";
import { AgentError } from "../../../src/errors.ts";
import { FETCH_DEADLINE_MS } from "../../../src/limits.ts";
import type { FetchAnswer, FetchRequest, Source } from "../../../src/source/source.ts";
import type { ArtifactCache, CachedArtifact } from "../../../src/store/artifact-cache.ts";
import type { Clock } from "../../../src/system/clock.ts";

interface Asked {
  readonly etag: string | undefined;
  readonly atMonoMs: number;
  readonly answer: (answer: FetchAnswer | Error) => void;
}

/** An origin whose every answer is an event of its own; until then the request hangs, up to its deadline. */
export class GatedSource implements Source {
  readonly type = "file";
  readonly description = "the origin";
  readonly cacheKey = "explored";
  readonly #clock: Clock;
  readonly #asked = new Set<Asked>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  fetch({ etag, signal }: FetchRequest): Promise<FetchAnswer> {
    const settled = Promise.withResolvers<FetchAnswer>();
    const timer = this.#clock.after(FETCH_DEADLINE_MS, () =>
      asked.answer(new AgentError("source_timeout", "no answer came")),
    );
    const asked: Asked = {
      etag,
      atMonoMs: this.#clock.now().monoMs,
      answer: (answer) => {
        timer.cancel();
        this.#asked.delete(asked);
        if (answer instanceof Error) settled.reject(answer);
        else settled.resolve(answer);
      },
    };
    this.#asked.add(asked);
    signal.addEventListener("abort", () =>
      asked.answer(new AgentError("source_timeout", "nobody waits any more")),
    );
    return settled.promise;
  }

  get isAsked(): boolean {
    return this.#asked.size > 0;
  }

  /** Answers the request that has waited longest. */
  answer(answer: FetchAnswer | Error): void {
    const [first] = this.#asked;
    first?.answer(answer);
  }

  /** What hangs, for the fingerprint of a state. */
  waiting(): readonly (readonly [string | undefined, number])[] {
    const { monoMs } = this.#clock.now();
    return [...this.#asked].map(({ etag, atMonoMs }) => [etag, monoMs - atMonoMs]);
  }
}

export type Write =
  | { readonly kind: "keep"; readonly text: string; readonly refreshedAtMs: number }
  | { readonly kind: "purge" };

interface Waiting {
  readonly write: Write;
  readonly finish: (happens: boolean) => Promise<void>;
}

/** A disk cache whose every write is an event of its own, so that a crash can come before and after it. */
export class GatedCache implements ArtifactCache {
  readonly #cache: ArtifactCache;
  readonly #waiting: Waiting[] = [];
  readonly #onWrite: (write: Write) => void;

  /** @param onWrite - told when a write begins. */
  constructor(cache: ArtifactCache, onWrite: (write: Write) => void) {
    this.#cache = cache;
    this.#onWrite = onWrite;
  }

  get holdsArtifact(): boolean {
    return this.#cache.holdsArtifact;
  }

  get failures(): number {
    return this.#cache.failures;
  }

  load(): Promise<CachedArtifact | undefined> {
    return this.#cache.load();
  }

  keep(artifact: VerifiedArtifact, refreshedAtMs: number, memory: TrustMemory): Promise<void> {
    const text = Buffer.from(artifact.bytes).toString();
    return this.#wait({ kind: "keep", text, refreshedAtMs }, () =>
      this.#cache.keep(artifact, refreshedAtMs, memory),
    );
  }

  purge(memory: TrustMemory): Promise<void> {
    return this.#wait({ kind: "purge" }, () => this.#cache.purge(memory));
  }

  /** The writes under way, first the one that ends next. */
  get writes(): readonly Write[] {
    return this.#waiting.map(({ write }) => write);
  }

  /** The first write ends: it happened, or the disk failed. */
  async finish(happens: boolean): Promise<void> {
    await this.#waiting.shift()?.finish(happens);
  }

  #wait(write: Write, work: () => Promise<void>): Promise<void> {
    const done = Promise.withResolvers<undefined>();
    this.#waiting.push({
      write,
      finish: async (happens) => {
        if (happens) await work();
        done.resolve(undefined);
      },
    });
    this.#onWrite(write);
    return done.promise;
  }
}
