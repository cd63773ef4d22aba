import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { warnOfExposed } from "../../../src/agent/warn-of-exposed.ts";
import { configured } from "../../support/config.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test("what another user may change is warned of by its variable, without its path", async (t) => {
  const directory = await temporaryDirectory(t);
  const token = join(directory, "token");
  await writeFile(token, "x");
  await chmod(token, 0o666);
  const { guarded } = await configured({
    CLEF_AGENT_TOKEN_FILE: token,
    CLEF_AGENT_CACHE_PATH: directory,
  });
  const recorded = recordingLog();
  await warnOfExposed(guarded, recorded.log);
  assert.equal(recorded.messages("warn").length, 1);
  assert.match(
    recorded.messages("warn").join(),
    /^CLEF_AGENT_TOKEN_FILE: .* written by any user; give it/,
  );
  assert.ok(!recorded.messages("warn").join().includes(directory));
});
