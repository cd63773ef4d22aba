/**
 * Standard output for results. A process that exits loses what the system has not taken yet, as of a
 * pipe whose reader is slow, so the end waits for `taken`.
 */
export class StandardOutput {
  #taken: Promise<Error | undefined> = Promise.resolve(undefined);

  write(text: string): void {
    const { stdout } = process;
    // The callback below tells of every error; without a listener it would be thrown as well.
    if (stdout.listenerCount("error") === 0) stdout.on("error", () => undefined);
    const before = this.#taken;
    const written = new Promise<Error | undefined>((resolve) => {
      stdout.write(text, (error) => resolve(error ?? undefined));
    });
    this.#taken = Promise.all([before, written]).then(([first, next]) => first ?? next);
  }

  /** Waits until all is written. @returns the first error, if something could not be. */
  taken(): Promise<Error | undefined> {
    return this.#taken;
  }
}
