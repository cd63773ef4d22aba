/** A program as `bundleTarget` makes them, whose target does what the input says; what is not known it passes. */
import { fuzz } from "../../scripts/fuzz/loop.ts";

await fuzz({
  seeds: ["nothing"],
  words: [],
  maxBytes: 8,
  run(input) {
    switch (input.toString("latin1")) {
      case "throw":
        throw new Error("it threw");
      case "later":
        setImmediate(() => {
          throw new Error("it threw later");
        });
        return new Promise((resolve) => setTimeout(resolve, 10_000));
      case "crash":
        process.kill(process.pid, "SIGSEGV");
        return new Promise(() => undefined);
      case "hang":
        for (;;);
      default:
        return undefined;
    }
  },
});
