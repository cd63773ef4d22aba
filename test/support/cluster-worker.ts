/** A worker of a cluster that listens on the port it is given, and says whether it does. */
import { jsonResponse } from "../../src/server/response.ts";
import { openOwnListener } from "./own-listener.ts";

try {
  await openOwnListener({
    port: Number(process.argv[2]),
    handler: () => () => jsonResponse(200, "from a worker"),
  });
  process.send?.("listening");
} catch (error) {
  process.send?.(String(error));
}
