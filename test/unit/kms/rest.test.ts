import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { callWithToken, type RestCall } from "../../../src/kms/rest.ts";
import { coded } from "../../support/errors.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { kmsPartsHere } from "../../support/network.ts";

/** A call to a server that never answers. */
async function callToSilence(t: TestContext): Promise<Omit<RestCall, "authorize">> {
  const silent = createServer(() => undefined);
  return {
    words: { name: "Some KMS", permissions: {}, credentials: "give it credentials", keys: "" },
    operation: "unwrap",
    keyId: "key-1",
    ...kmsPartsHere(),
    trouble: () => undefined,
    deadlineMs: 600,
    url: new URL(`http://127.0.0.1:${portOf(await opened(t, silent))}/`),
    body: "",
    judge: ({ status }) => ({ kind: "unavailable", status, code: undefined }),
    forget: () => undefined,
  };
}

test("what the token takes is gone for the request", async (t) => {
  const authorize: RestCall["authorize"] = async () => {
    await pause(400);
    return {};
  };
  const call = callWithToken({ ...(await callToSilence(t)), authorize });
  await assert.rejects(call, ({ message }: Error) => {
    const [, seconds] = /did not answer in full within ([\d.]+) s/.exec(message) ?? [];
    assert.ok(Number(seconds) <= 0.21, message);
    return true;
  });
});

test("a library that gives no credentials is quoted with its code, and never with its message", async (t) => {
  const thrown = Object.assign(new Error("s3cret in the message"), { code: "ENOENT" });
  const authorize: RestCall["authorize"] = () => Promise.reject(thrown);
  await assert.rejects(
    callWithToken({ ...(await callToSilence(t)), authorize }),
    coded("kms_unwrap", /: no credentials could be had \(ENOENT\); give it credentials$/),
  );
});
