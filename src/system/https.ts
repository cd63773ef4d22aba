import type * as NodeHttps from "node:https";
import type * as NodeTls from "node:tls";

/** `node:https`, which most agents never need, loaded when it is first asked for. */
export function https(): typeof NodeHttps {
  return process.getBuiltinModule("node:https");
}

/** `node:tls`, in the same way. */
export function tls(): typeof NodeTls {
  return process.getBuiltinModule("node:tls");
}
