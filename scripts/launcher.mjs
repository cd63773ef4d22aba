#!/usr/bin/env node
// Becomes dist/clef-agent.js. The syntax is old on purpose, down to the missing `await`: a Node too
// old to run the agent must still be able to parse this file and say so. On 22.3 `pack` of 0.1.0 wrote
// secrets in clear: reading a response there gave all of Node's buffer pool.
var version = process.versions.node.split(".").map(Number);
if (version[0] > 22 || (version[0] === 22 && version[1] >= 4)) {
  import("./main.js");
} else {
  console.error(
    "clef-agent needs Node.js 22.4 or newer; this is Node.js " +
      process.versions.node +
      " (" +
      process.execPath +
      ")",
  );
  process.exitCode = 1;
}
