import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentError } from "../../../src/errors.ts";
import { REFUSAL_MEMORY_MS } from "../../../src/limits.ts";
import { RefusalMemory } from "../../../src/refresh/refusal-memory.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const error = new AgentError("decrypt", "no");

describe("the memory of what was refused", () => {
  test("knows the same bytes and no others", () => {
    const memory = new RefusalMemory(new FakeClock());
    assert.equal(memory.recall(Buffer.from("one")), undefined);
    memory.remember(Buffer.from("one"), error);
    assert.equal(memory.recall(Buffer.from("one")), error);
    assert.equal(memory.recall(Buffer.from("two")), undefined);
  });

  test("forgets when something else came between", () => {
    const memory = new RefusalMemory(new FakeClock());
    memory.remember(Buffer.from("one"), error);
    memory.recall(Buffer.from("two"));
    assert.equal(memory.recall(Buffer.from("one")), undefined);
  });

  test("forgets after a while, so that a mistake does not stay", async () => {
    const clock = new FakeClock();
    const memory = new RefusalMemory(clock);
    memory.remember(Buffer.from("one"), error);
    await clock.advance(REFUSAL_MEMORY_MS);
    assert.equal(memory.recall(Buffer.from("one")), error);
    await clock.advance(1);
    assert.equal(memory.recall(Buffer.from("one")), undefined);
  });
});
