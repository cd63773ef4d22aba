import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Change, Changes } from "../../../src/refresh/changes.ts";
import { newChanges, REVOKED, SERVING } from "../../support/changes.ts";

describe("changes", () => {
  test("are told to every subscriber, in the order in which they came", () => {
    const changes = newChanges();
    const heard: string[] = [];
    changes.subscribe(({ kind }) => heard.push(`first ${kind}`));
    changes.subscribe(({ kind }) => heard.push(`second ${kind}`));
    changes.publish(SERVING);
    assert.deepEqual(heard, ["first serving", "second serving"]);
  });

  test("that come of a change wait until all have heard that one", () => {
    const changes = newChanges();
    const heard: string[] = [];
    changes.subscribe((change) => {
      heard.push(`first ${change.kind}`);
      if (change.kind === "serving") changes.publish(REVOKED);
    });
    changes.subscribe(({ kind }) => heard.push(`second ${kind}`));
    changes.publish(SERVING);
    assert.deepEqual(heard, ["first serving", "second serving", "first ended", "second ended"]);
  });

  test("are not told any more to who has unsubscribed, be it while one is told", () => {
    const changes = newChanges();
    const heard: Change[] = [];
    const unsubscribe = changes.subscribe((change) => {
      heard.push(change);
      unsubscribe();
    });
    changes.publish(SERVING);
    changes.publish(REVOKED);
    assert.deepEqual(heard, [SERVING]);
  });

  test("reach the others when a subscriber throws, and what it threw is told", () => {
    const thrown: unknown[] = [];
    const changes = new Changes((error) => thrown.push(error));
    const problem = new Error("broken");
    changes.subscribe(() => {
      throw problem;
    });
    const heard: Change[] = [];
    changes.subscribe((change) => heard.push(change));
    changes.publish(SERVING);
    changes.publish(REVOKED);
    assert.deepEqual(heard, [SERVING, REVOKED]);
    assert.deepEqual(thrown, [problem, problem]);
  });
});
