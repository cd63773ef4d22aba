import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CredentialChain } from "../../../src/aws/credentials.ts";
import { credentialOrigin } from "../../../src/aws/credential-origin.ts";
import { NO_AWS_FILES } from "../../support/aws-environment.ts";
import { installEnv } from "../../support/install-env.ts";
import { listening } from "../../support/listening.ts";
import { DIRECT } from "../../support/network.ts";

const never = new AbortController().signal;
const waiting = { signal: never, deadlineMs: 5_000 };
const KEY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s3cret" };
const ORIGIN = { from: "AWS_PROFILE", advice: "check AWS_PROFILE" };
const named = async (): Promise<typeof ORIGIN> => ORIGIN;
const unnamed = async (): Promise<undefined> => undefined;

/** An error as libraries throw them: with a name, perhaps a code, and a message that tells too much. */
function leaky(fields: Readonly<Record<string, string>>): Error {
  return Object.assign(new Error("s3cret in the message"), fields);
}

describe("the credential chain", () => {
  test("gives what the official chain finds", async () => {
    const chain = new CredentialChain(DIRECT, () => async () => KEY, named);
    assert.deepEqual(await chain.get(waiting), { kind: "credentials", credentials: KEY });
  });

  test("writes nothing to the console where the endpoint of a container takes its time", async (t) => {
    const warn = t.mock.method(console, "warn", () => undefined);
    const given = { AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: "s3cret", Token: "t" };
    const port = await listening(t, (_, response) => {
      // Longer than the second that the library gives it.
      setTimeout(
        () => response.end(JSON.stringify({ ...given, Expiration: "2999-01-01T00:00:00Z" })),
        1_300,
      );
    });
    installEnv(t, {
      ...NO_AWS_FILES,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
    });
    const answer = await new CredentialChain(DIRECT).get(waiting);
    assert.equal(answer.kind, "credentials");
    assert.equal(warn.mock.callCount(), 0);
  });

  test("says that there are none when nothing names any", async () => {
    const chain = new CredentialChain(DIRECT, () => () => Promise.reject(leaky({})), unnamed);
    const answer = await chain.get(waiting);
    assert.ok(answer.kind === "none");
    assert.match(answer.problem, /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE/);
  });

  for (const [fields, reason] of [
    [{ code: "ECONNREFUSED" }, " (ECONNREFUSED)"],
    [{ name: "InvalidIdentityToken" }, " (InvalidIdentityToken)"],
    [{ name: "CredentialsProviderError" }, ""],
    [{ name: "s3cret with spaces" }, ""],
  ] as const) {
    test(`says of ${JSON.stringify(fields)} who failed, and nothing of the message`, async () => {
      const chain = new CredentialChain(DIRECT, () => () => Promise.reject(leaky(fields)), named);
      assert.deepEqual(await chain.get(waiting), {
        kind: "failed",
        failure: "refused",
        problem: `AWS_PROFILE gave no AWS credentials${reason}; check AWS_PROFILE`,
      });
    });
  }

  for (const damaged of [
    { ...KEY, accessKeyId: "AKIDEXAMPLE\n" },
    { ...KEY, secretAccessKey: "s3cret\r\n" },
    { ...KEY, sessionToken: "to ken" },
  ]) {
    test(`says where credentials with blanks come from: ${JSON.stringify(damaged)}`, async () => {
      const answer = await new CredentialChain(DIRECT, () => async () => damaged, named).get(
        waiting,
      );
      assert.ok(answer.kind === "failed");
      assert.match(answer.problem, /from AWS_PROFILE hold a blank or a line break/);
      assert.doesNotMatch(answer.problem, /s3cret|AKID|ken/);
    });
  }

  test("looks again for credentials with blanks, which may have been written again", async () => {
    const ids = ["AKID\n", "AKID"];
    const chain = new CredentialChain(
      DIRECT,
      () => {
        const accessKeyId = ids.shift() ?? "";
        return async () => ({ ...KEY, accessKeyId });
      },
      named,
    );
    assert.equal((await chain.get(waiting)).kind, "failed");
    assert.equal((await chain.get(waiting)).kind, "credentials");
  });

  test("does not wait longer than asked, and gives the late answer to the next caller", async () => {
    const late = Promise.withResolvers<typeof KEY>();
    let lookups = 0;
    const chain = new CredentialChain(
      DIRECT,
      () => () => {
        lookups++;
        return late.promise;
      },
      named,
    );
    assert.deepEqual(await chain.get({ signal: never, deadlineMs: 5 }), {
      kind: "failed",
      failure: "timeout",
      problem: "AWS credentials from AWS_PROFILE did not come in time",
    });
    late.resolve(KEY);
    assert.deepEqual(await chain.get(waiting), { kind: "credentials", credentials: KEY });
    assert.equal(lookups, 1);
  });

  test("lets go when it is told to stop", async () => {
    const stop = new AbortController();
    const chain = new CredentialChain(
      DIRECT,
      () => () => Promise.withResolvers<typeof KEY>().promise,
      named,
    );
    const answer = chain.get({ signal: stop.signal, deadlineMs: 60_000 });
    stop.abort();
    const stopped = await answer;
    assert.ok(stopped.kind === "failed");
    assert.equal(stopped.failure, "stopped");
  });

  test("asks a new chain after it was told to forget", async () => {
    let chains = 0;
    const chain = new CredentialChain(
      DIRECT,
      () => {
        const accessKeyId = `key-${++chains}`;
        return async () => ({ ...KEY, accessKeyId });
      },
      named,
    );
    const keyOf = async (): Promise<string | undefined> => {
      const answer = await chain.get(waiting);
      return answer.kind === "credentials" ? answer.credentials.accessKeyId : undefined;
    };
    assert.deepEqual([await keyOf(), await keyOf()], ["key-1", "key-1"]);
    chain.forget();
    assert.equal(await keyOf(), "key-2");
  });
});

describe("the origin of credentials", () => {
  test("is what the chain would look at first", async () => {
    const env = {
      ...NO_AWS_FILES,
      AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1/",
    };
    assert.equal((await credentialOrigin(env))?.from, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const withKeys = { ...env, AWS_SECRET_ACCESS_KEY: "x" };
    assert.match((await credentialOrigin(withKeys))?.from ?? "", /^AWS_ACCESS_KEY_ID and/);
    const withProfile = { ...withKeys, AWS_PROFILE: "x" };
    assert.match((await credentialOrigin(withProfile))?.from ?? "", /AWS_PROFILE/);
  });
});
