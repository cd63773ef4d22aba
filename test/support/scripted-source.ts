import type { FetchAnswer, FetchRequest, Source } from "../../src/source/source.ts";

type Script = (request: FetchRequest) => FetchAnswer | Promise<FetchAnswer>;

/** An origin without a network: the test says what it answers, and sees what it was asked. */
export class ScriptedSource implements Source {
  readonly type = "file";
  readonly description = "the scripted source";
  readonly cacheKey = "scripted";
  readonly requests: FetchRequest[] = [];
  /** Called as a watch that saw something new; undefined before the watch started. */
  changed: (() => void) | undefined;
  #script: Script = () => ({ kind: "unchanged" });

  fetch(request: FetchRequest): Promise<FetchAnswer> {
    this.requests.push(request);
    return (async () => await this.#script(request))();
  }

  watch(onChange: () => void): Promise<void> {
    this.changed = onChange;
    return Promise.resolve();
  }

  /** From now on it answers like this. */
  answers(script: Script): void {
    this.#script = script;
  }

  /** From now on it holds this artifact, and knows its etag again. */
  holds(text: string, etag?: string): void {
    this.answers((request) =>
      etag !== undefined && request.etag === etag
        ? { kind: "unchanged" }
        : { kind: "bytes", bytes: Buffer.from(text), etag },
    );
  }

  /** From now on every fetch fails. */
  fails(reason: Error): void {
    this.answers(() => {
      throw reason;
    });
  }
}
