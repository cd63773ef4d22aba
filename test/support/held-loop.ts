/**
 * Measures for how long the event loop is held while something runs, in milliseconds of the thread's own
 * CPU time: what it would be on a quiet machine, whatever else this one does.
 */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let seen = threadMs();
  let done = false;
  const look = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - seen);
    seen = now;
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  await work();
  look();
  done = true;
  return longest;
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
