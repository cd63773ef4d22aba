import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentError } from "../../../src/errors.ts";
import { DECRYPT_FAILURE_SPACING_MS } from "../../../src/limits.ts";
import { DecryptFailures } from "../../../src/feed/decrypt-failures.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";

const DENIED = new AgentError("kms_unwrap", "the KMS says no");
const DAMAGED = new AgentError("decrypt", "it was changed");

describe("decryptions that fail", () => {
  test("are told with their reason, once in a while however often clients ask", async () => {
    const clock = new FakeClock();
    const recorded = recordingLog();
    const failures = new DecryptFailures(clock, recorded.log);
    for (let request = 0; request < 1_000; request++) {
      failures.failed(request % 2 === 0 ? DENIED : DAMAGED);
    }
    const lines = recorded.lines;
    assert.equal(lines.length, 1);
    assert.match(JSON.stringify(lines[0]), /artifact\.invalid.*kms_unwrap.*the KMS says no/);
    await clock.advance(DECRYPT_FAILURE_SPACING_MS);
    failures.failed(DAMAGED);
    assert.equal(recorded.lines.length, 2);
  });

  test("do not flood the log either when every other request succeeds", () => {
    const recorded = recordingLog();
    const failures = new DecryptFailures(new FakeClock(), recorded.log);
    for (let request = 0; request < 1_000; request++) {
      failures.failed(DENIED);
      failures.succeeded();
    }
    assert.equal(recorded.lines.length, 2, "the failure, and that it works again");
  });

  test("are known until the next one that succeeds", () => {
    const failures = new DecryptFailures(new FakeClock(), recordingLog().log);
    assert.equal(failures.code, undefined);
    failures.failed(DENIED);
    failures.failed(DAMAGED);
    assert.equal(failures.code, "decrypt");
    failures.succeeded();
    assert.equal(failures.code, undefined);
  });

  test("that never were are no line", () => {
    const recorded = recordingLog();
    new DecryptFailures(new FakeClock(), recorded.log).succeeded();
    assert.equal(recorded.lines.length, 0);
  });
});
