import { mock, type TestContext } from "node:test";

/**
 * Watches every buffer that is made, from now on, in the way in which plaintext must be made
 * (src/system/secret-buffer.ts), so that a test can look into them after the agent has let them go.
 */
export class PlaintextWatch {
  readonly #made: Buffer[] = [];

  private constructor() {
    const original = Buffer.from.bind(Buffer) as (...args: unknown[]) => Buffer;
    mock.method(Buffer, "from", (...args: unknown[]) => {
      const buffer = original(...args);
      if (args[0] instanceof ArrayBuffer) this.#made.push(buffer);
      return buffer;
    });
  }

  static start(context: Pick<TestContext, "after">): PlaintextWatch {
    context.after(() => mock.restoreAll());
    return new PlaintextWatch();
  }

  /** How many buffers were made. */
  get made(): number {
    return this.#made.length;
  }

  /** The buffers that were not wiped. */
  get left(): readonly Buffer[] {
    return this.#made.filter((buffer) => !isBlank(buffer));
  }

  /** How many of the buffers hold the text now. */
  holding(text: string): number {
    return this.#made.filter((buffer) => buffer.includes(text)).length;
  }

  /** The buffers that hold the text now, to be looked at again when they should not. */
  of(text: string): readonly Buffer[] {
    return this.#made.filter((buffer) => buffer.includes(text));
  }
}

export function isBlank(buffer: Buffer): boolean {
  return buffer.every((byte) => byte === 0);
}
