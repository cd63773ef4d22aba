/** Commands for tests of `exec`: each prints `ready` and what it was given once it can take signals. */

/** A Node.js program that prints each signal it gets, and goes on; SIGTERM ends it with 42. */
export const NODE_PROGRAM = [
  process.execPath,
  "-e",
  `
    const names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2", "SIGALRM", "SIGPWR", "SIGWINCH"];
    for (const name of names) {
      process.on(name, () => {
        console.log("got " + name);
        if (name === "SIGTERM") process.exit(42);
      });
    }
    setInterval(() => undefined, 1000);
    console.log("ready " + process.env.KEY);
  `,
] as const;

/** A shell script that ends on SIGTERM with 43, after it has cleaned up. */
export const SHELL_SCRIPT = [
  "sh",
  "-c",
  `trap 'echo cleaned up; exit 43' TERM
   trap 'echo got HUP' HUP
   echo "ready $KEY"
   while :; do sleep 0.05; done`,
] as const;

/** A Python program that ends on SIGTERM as Python does: by the signal. */
export const PYTHON_PROGRAM = [
  "python3",
  "-u",
  "-c",
  `
import os, signal, time
signal.signal(signal.SIGUSR1, lambda *_: print("got SIGUSR1"))
print("ready", os.environ["KEY"])
while True: time.sleep(1)
  `,
] as const;

/** Ignores what asks it to end. */
export const STUBBORN = [
  "sh",
  "-c",
  `trap '' TERM INT HUP
   echo "ready $KEY $$"
   while :; do sleep 0.05; done`,
] as const;

/** Starts another process, which ignores SIGTERM, and ends on SIGTERM itself. */
export const FORKING = [
  "sh",
  "-c",
  `sh -c 'trap "" TERM; echo "forked $$"; while :; do sleep 0.05; done' &
   trap 'exit 0' TERM
   echo "ready $KEY"
   while :; do sleep 0.05; done`,
] as const;
