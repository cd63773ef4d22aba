import { VCS_MEMORY_MS } from "../../limits.ts";

/** One value that holds for a while, so that a service is not asked for it every time. */
export class Memory<Value> {
  #kept: { readonly value: Value; readonly untilMs: number } | undefined;

  /** Undefined if nothing was kept, or too long ago. */
  get(): Value | undefined {
    return this.#kept !== undefined && Date.now() < this.#kept.untilMs
      ? this.#kept.value
      : undefined;
  }

  keep(value: Value): void {
    this.#kept = { value, untilMs: Date.now() + VCS_MEMORY_MS };
  }

  forget(): void {
    this.#kept = undefined;
  }
}
