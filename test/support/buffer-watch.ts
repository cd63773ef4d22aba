import { mock, type TestContext } from "node:test";

type Maker = "alloc" | "allocUnsafeSlow" | "concat" | "from";

/**
 * Keeps every buffer that the agent's own code makes from now on, so that a test can look into them
 * after the agent has let them go. What the test and its fakes make is left out.
 */
export class BufferWatch {
  readonly #made: Buffer[] = [];

  private constructor() {
    for (const maker of ["alloc", "allocUnsafeSlow", "concat", "from"] as const) this.#watch(maker);
  }

  static start(context: Pick<TestContext, "after">): BufferWatch {
    context.after(() => mock.restoreAll());
    return new BufferWatch();
  }

  /** How many of the buffers hold the bytes now. */
  holding(bytes: Uint8Array | string): number {
    return this.#made.filter((buffer) => buffer.includes(bytes)).length;
  }

  #watch(maker: Maker): void {
    const original = Buffer[maker].bind(Buffer) as (...args: unknown[]) => Buffer;
    mock.method(Buffer, maker, (...args: unknown[]) => {
      const buffer = original(...args);
      if (/\/src\/(?:kms|net|decrypt|system)\//.test(new Error("where").stack ?? "")) {
        this.#made.push(buffer);
      }
      return buffer;
    });
  }
}
