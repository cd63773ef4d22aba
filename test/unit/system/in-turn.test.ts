import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inTurn } from "../../../src/system/in-turn.ts";

describe("calls in turn", () => {
  test("follow each other as they came, and each gets its own result", async () => {
    const steps: string[] = [];
    const work = inTurn(async (name: string) => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
      return name.toUpperCase();
    });
    assert.deepEqual(await Promise.all(["a", "b", "c"].map(work)), ["A", "B", "C"]);
    assert.deepEqual(
      steps,
      ["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  test("go on after one that failed, whose caller alone hears of it", async () => {
    const work = inTurn((fails: boolean) =>
      fails ? Promise.reject(new Error("failed")) : Promise.resolve("done"),
    );
    const [first, second] = await Promise.allSettled([work(true), work(false)]);
    assert.equal(first.status, "rejected");
    assert.deepEqual(second, { status: "fulfilled", value: "done" });
  });
});
