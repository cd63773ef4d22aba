import assert from "node:assert/strict";
import { AgentError, type ErrorCode } from "../../src/errors.ts";

/** For `assert.throws` and `assert.rejects`: an AgentError with this code, and nothing else. */
export function coded(code: ErrorCode, message?: RegExp): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof AgentError, `not an AgentError: ${String(thrown)}`);
    assert.equal(thrown.code, code, thrown.message);
    if (message !== undefined) assert.match(thrown.message, message);
    return true;
  };
}
