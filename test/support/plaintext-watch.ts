import { mock, type TestContext } from "node:test";

/**
 * Watches every buffer that is made, from now on, in the way in which plaintext must be made, so that
 * a test can look into them after the agent has let them go.
 */
export class PlaintextWatch {
  readonly #made: Buffer[] = [];

  private constructor() {
    const original = Buffer.allocUnsafeSlow.bind(Buffer);
    mock.method(Buffer, "allocUnsafeSlow", (size: number) => {
      const buffer = original(size);
      this.#made.push(buffer);
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
