import { isMainThread } from "node:worker_threads";

/**
 * Does what makes files, directories or sockets under another umask than the process's. Only for work
 * that ends when it returns: the umask is that of the whole process.
 *
 * A worker thread cannot set it, and keeps that of the process.
 */
export function underUmask<Value>(umask: number, work: () => Value): Value {
  if (!isMainThread) return work();
  const before = process.umask(umask);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}
