/** What the loop is told at its start. */
export interface LoopData {
  /** Branches that are counted. */
  readonly places: number;
  readonly seconds: number;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  readonly shared: SharedArrayBuffer;
}

/** What the loop tells. */
export type LoopMessage =
  | { readonly kind: "fault"; readonly input: Uint8Array; readonly fault: string }
  | {
      readonly kind: "end";
      readonly runs: number;
      readonly branches: number;
      /** Few inputs that take every branch that was taken. */
      readonly corpus: readonly Uint8Array[];
    };

/** The input that runs now, for whoever watches from another thread and finds that it never ends. */
export interface Board {
  put(input: Uint8Array, run: number): void;
  look(): { readonly input: Buffer; readonly run: number };
}

const HEAD_BYTES = 16;
/** Longer than any input. */
const BOARD_BYTES = 8_192;

export function sharedBoard(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + BOARD_BYTES);
}

export function boardOn(shared: SharedArrayBuffer): Board {
  const runs = new Float64Array(shared, 0, 1);
  const length = new Int32Array(shared, 8, 1);
  const bytes = new Uint8Array(shared, HEAD_BYTES);
  return {
    put(input, run) {
      const shown = input.length > bytes.length ? input.subarray(0, bytes.length) : input;
      bytes.set(shown);
      length[0] = shown.length;
      runs[0] = run;
    },
    look: () => ({ input: Buffer.from(bytes.slice(0, length[0])), run: runs[0] ?? 0 }),
  };
}
