/** What a command may touch of its process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stderrIsTerminal: boolean;
  readonly stdin: () => Promise<Buffer>;
  /** Ends the process without ceremony. */
  readonly exitNow: (code: number) => never;
}

/** Runs one subcommand on its own arguments. @returns the exit code. */
export type Command = (args: readonly string[], io: Io) => Promise<number>;
