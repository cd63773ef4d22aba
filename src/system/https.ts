import type * as NodeHttps from "node:https";
import type * as NodeTls from "node:tls";

/** `node:https`, loaded when it is first asked for and without `import`, as `http.ts` says. */
export function https(): typeof NodeHttps {
  return process.getBuiltinModule("node:https");
}

/** `node:tls`, in the same way. */
export function tls(): typeof NodeTls {
  return process.getBuiltinModule("node:tls");
}
