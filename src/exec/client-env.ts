/**
 * Not part of `clef-agent exec`: what `node --import @clef-sh/agent/client/env app.js` runs. It fills
 * `process.env` with the secrets of an agent before the application is loaded. Where that cannot be done, the
 * application is not started: exit code 1.
 */
import { fillEnvironment } from "./fill-environment.ts";

try {
  end(await fillEnvironment(process.env, process.platform));
} catch (error) {
  end([error instanceof Error ? error.message : "something nobody expected"]);
}

function end(problems: readonly string[]): void {
  if (problems.length === 0) return;
  for (const problem of problems) process.stderr.write(`clef-agent: ${problem}\n`);
  process.exit(1);
}
