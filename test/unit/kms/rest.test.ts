import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { callWithToken } from "../../../src/kms/rest.ts";
import { opened, portOf } from "../../support/names-here.ts";

test("what the token takes is gone for the request", async (t) => {
  const silent = createServer(() => undefined);
  const url = new URL(`http://127.0.0.1:${portOf(await opened(t, silent))}/`);
  const call = callWithToken({
    words: { name: "Some KMS", permissions: {}, credentials: "", keys: "" },
    operation: "unwrap",
    keyId: "key-1",
    signal: new AbortController().signal,
    deadlineMs: 600,
    url,
    body: "",
    async authorize() {
      await pause(400);
      return {};
    },
    judge: ({ status }) => ({ kind: "unavailable", status, code: undefined }),
    forget: () => undefined,
  });
  await assert.rejects(call, ({ message }: Error) => {
    const [, seconds] = /did not answer in full within ([\d.]+) s/.exec(message) ?? [];
    assert.ok(Number(seconds) <= 0.21, message);
    return true;
  });
});
