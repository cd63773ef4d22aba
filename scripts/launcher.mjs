#!/usr/bin/env node
// Becomes dist/clef-agent.js. The syntax is old on purpose, down to the missing `await`: a Node too
// old to run the agent must still be able to parse this file and say so.
var major = Number(process.versions.node.split(".")[0]);
if (major >= 22) {
  import("./main.js");
} else {
  console.error(
    "clef-agent needs Node.js 22 or newer; this is Node.js " +
      process.versions.node +
      " (" +
      process.execPath +
      ")",
  );
  process.exitCode = 1;
}
