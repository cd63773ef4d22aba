#!/usr/bin/env node
// Becomes dist/clef-agent.js. The syntax is old on purpose, down to the missing `await`: a Node too
// old to run the agent must still be able to parse this file and say so.
var version = process.versions.node.split(".").map(Number);
if (version[0] > 22 || (version[0] === 22 && version[1] >= 3)) {
  import("./main.js");
} else {
  console.error(
    "clef-agent needs Node.js 22.3 or newer; this is Node.js " +
      process.versions.node +
      " (" +
      process.execPath +
      ")",
  );
  process.exitCode = 1;
}
