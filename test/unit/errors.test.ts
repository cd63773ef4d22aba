import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AgentError,
  AgentErrors,
  asAgentError,
  OPERATION_CODES,
  REASON_CODES,
  reasonOf,
  SOURCE_CODES,
  systemCode,
} from "../../src/errors.ts";

describe("AgentError", () => {
  test("is one line, whatever the message holds", () => {
    const error = new AgentError("usage", "one\r\ntwo\u2028three\u0000\u001b[31mfour");
    assert.equal(error.message, "one two three\\u{0}\\u{1b}[31mfour");
  });

  test("keeps its code, cause and the wait that was asked for", () => {
    const cause = new Error("inner");
    const error = new AgentError("source_rate_limited", "x", { cause, retryAfterMs: 7 });
    assert.equal(error.code, "source_rate_limited");
    assert.equal(error.cause, cause);
    assert.equal(error.retryAfterMs, 7);
    assert.equal("cause" in new AgentError("usage", "x"), false);
  });

  test("several are reported one a line", () => {
    const errors = new AgentErrors([new AgentError("usage", "a\nb"), new AgentError("usage", "c")]);
    assert.equal(errors.message, "a b\nc");
  });
});

test("no code stands twice, and none is in two groups", () => {
  const codes: readonly string[] = [...REASON_CODES, ...SOURCE_CODES, ...OPERATION_CODES];
  assert.equal(new Set(codes).size, codes.length);
});

test("asAgentError keeps what is one and wraps what is none", () => {
  const known = new AgentError("decrypt", "x");
  assert.equal(asAgentError(known, "internal", "y"), known);
  const wrapped = asAgentError("thrown text", "internal", "y");
  assert.equal(wrapped.code, "internal");
  assert.equal(wrapped.message, "y");
  assert.equal(wrapped.cause, "thrown text");
});

test("systemCode looks through causes, and not for ever", () => {
  const inner = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
  assert.equal(
    systemCode(new Error("a", { cause: new Error("b", { cause: inner }) })),
    "ECONNREFUSED",
  );
  assert.equal(systemCode("ENOENT"), undefined);
  assert.equal(systemCode(Object.assign(new Error("x"), { code: 7 })), undefined);
  const loop = new Error("loop");
  loop.cause = loop;
  assert.equal(systemCode(loop), undefined);
});

test("reasonOf gives a reason of the contract for any code", () => {
  assert.equal(reasonOf(new AgentError("rollback", "x")), "rollback");
  assert.equal(reasonOf(new AgentError("internal", "x")), "invalid_shape");
});
