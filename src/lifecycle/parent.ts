import { closeInheritedDescriptors } from "../exec/descriptors.ts";
import type { Exec } from "../exec/exec.ts";
import { listenToSignals } from "../exec/incoming.ts";
import type { Log } from "../telemetry/log.ts";
import { watchUncaught } from "./uncaught.ts";

/** Makes this process the parent of the command that `exec` runs: signals, descriptors, what nobody caught. */
export function becomeParent(exec: Exec, log: Log, exitNow: (code: number) => never): void {
  watchUncaught({
    log,
    exitNow,
    async lastWords() {
      exec.fail();
      await exec.ended;
    },
  });
  listenToSignals((signal, from) => exec.signal(signal, from));
  closeInheritedDescriptors();
  tellOfOrphans(log);
}

function tellOfOrphans(log: Log): void {
  if (process.pid !== 1) return;
  log.warn(
    "the agent is process 1 and does not reap orphans of other processes; if the command leaves any, use an init (docker run --init, shareProcessNamespace)",
  );
}
