import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { REASON_CODES } from "../../../src/errors.ts";
import { VERSION } from "../../../src/version.ts";
import { InProcessAgent, pass } from "../../support/agent-in-process.ts";
import { altered, pack, type PackOptions, revocation } from "../../support/artifacts.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { answering, healthy, Origin } from "../../support/origin.ts";
import { OtlpReceiver } from "../../support/otlp-receiver.ts";
import { resigned } from "../../support/signed.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const ENVELOPE = {
  provider: "aws",
  keyId: "arn:aws:kms:eu-west-1:1:key/1",
  wrappedKey: Buffer.alloc(32, 1).toString("base64"),
  algorithm: "SYMMETRIC_DEFAULT",
  iv: Buffer.alloc(12, 2).toString("base64"),
  authTag: Buffer.alloc(16, 3).toString("base64"),
};
const OTHER_RECIPIENT = await identityToRecipient(await generateIdentity());

class Story {
  readonly clock = new FakeClock();
  readonly origin: Origin;
  readonly receiver: OtlpReceiver;
  readonly agent: InProcessAgent;

  private constructor(
    origin: Origin,
    receiver: OtlpReceiver,
    env: Record<string, string>,
    cachePath: string,
  ) {
    this.origin = origin;
    this.receiver = receiver;
    this.agent = new InProcessAgent({ origin, clock: this.clock, cachePath, env });
  }

  static async begin(context: TestContext): Promise<Story> {
    const receiver = await OtlpReceiver.start(context);
    const env = { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl, CLEF_AGENT_ID: "agent-1" };
    const cachePath = await temporaryDirectory(context);
    const story = new Story(await Origin.start(context), receiver, env, cachePath);
    story.origin.artifact = await story.packed();
    await story.agent.start();
    context.after(() => story.agent.stop());
    return story;
  }

  /** A good artifact, packed now. */
  packed(options: PackOptions = {}): Promise<string> {
    const secrets = { DB_URL: "postgres://db/the-secret", nested: { KEY: "another-secret" } };
    return pack({ signed: true, nowMs: this.clock.now().wallMs, secrets, ...options });
  }

  /** The source holds this now, and the agent looks at it. */
  async holds(artifact: string): Promise<void> {
    this.origin.artifact = artifact;
    this.agent.refresh();
    await this.agent.idle();
  }

  /** Lets the batch that is waiting go. */
  async delivered(count: number): Promise<void> {
    await this.clock.advance(1_000);
    await eventually(`${count} events`, () => this.receiver.events.length >= count);
  }

  get told(): readonly Record<string, unknown>[] {
    return this.receiver.events.map(
      ({ name, eventName, severityText, severityNumber, attributes }) => {
        assert.equal(attributes["event.name"], `clef.${String(name)}`);
        assert.equal(eventName, attributes["event.name"]);
        return { name, severity: `${severityText} ${severityNumber}`, ...attributes };
      },
    );
  }
}

function event(
  name: string,
  severity: "INFO 9" | "WARN 13" | "ERROR 17",
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const told: Record<string, unknown> = { name, severity, "event.name": `clef.${name}` };
  for (const [field, value] of Object.entries(fields)) told[`clef.${field}`] = value;
  return told;
}

function revisionOf(artifact: string): string {
  return (JSON.parse(artifact) as { readonly revision: string }).revision;
}

describe("an agent tells its collector", () => {
  test("its whole life, event by event, with every field and the right severity", async (context) => {
    const story = await Story.begin(context);
    const { clock, origin, agent } = story;
    const first = revisionOf(origin.artifact);

    origin.behaviour = answering(500);
    agent.refresh();
    await agent.idle();
    await pass(clock, 30_000, agent);
    const failures = story.agent.log.events().filter((name) => name === "fetch.failed").length;

    origin.behaviour = healthy;
    const expiring = await story.packed({ ttlMs: 20_000 });
    await story.holds(expiring);
    await pass(clock, 20_500, agent);

    await story.holds(await story.packed());
    const third = revisionOf(origin.artifact);
    const marker = revocation(clock.now().wallMs);
    await story.holds(marker);
    await agent.stop();

    const { expiresAt } = JSON.parse(expiring) as { readonly expiresAt: string };
    const { revokedAt } = JSON.parse(marker) as { readonly revokedAt: string };
    const refreshed = { keyCount: 2, kmsEnvelope: false };
    const failed = event("fetch.failed", "WARN 13", {
      error: `${origin.url} answered 500; waiting for it to recover`,
      diskCacheAvailable: true,
    });
    const gone = { ...failed, "clef.diskCacheAvailable": false };
    const expected = [
      event("agent.started", "INFO 9", { version: VERSION }),
      event("artifact.refreshed", "INFO 9", { revision: first, ...refreshed }),
      failed,
      event("cache.expired", "ERROR 17", { cacheTtlSeconds: 30, diskCachePurged: true }),
      event("artifact.refreshed", "INFO 9", { revision: revisionOf(expiring), ...refreshed }),
      event("artifact.expired", "WARN 13", { expiresAt }),
      event("artifact.refreshed", "INFO 9", { revision: third, ...refreshed }),
      event("artifact.revoked", "WARN 13", { revokedAt }),
      event("agent.stopped", "INFO 9", { reason: "signal", uptimeSeconds: 51 }),
    ];
    // How often a failing source is asked is a matter of chance.
    const told = story.told.filter((one, index, all) => {
      const before = all.slice(0, index).findLast(({ name }) => name === one["name"]);
      return one["name"] !== "fetch.failed" || before === undefined;
    });
    assert.deepEqual(told, expected);
    const everyFailure = story.told.filter(({ name }) => name === "fetch.failed");
    assert.equal(everyFailure.length, failures);
    for (const one of everyFailure) {
      assert.deepEqual(one, one["clef.diskCacheAvailable"] === true ? failed : gone);
    }
  });

  for (const reason of ["signal", "error", "lambda_shutdown"] as const) {
    test(`why it stops: ${reason}`, async (context) => {
      const story = await Story.begin(context);
      await story.agent.stop(reason);
      const stopped = event("agent.stopped", "INFO 9", { reason, uptimeSeconds: 0 });
      assert.deepEqual(story.told.at(-1), stopped);
    });
  }

  test("of whom it tells, in every request", async (context) => {
    const story = await Story.begin(context);
    await story.delivered(2);
    for (const { resource, scope, atMs } of story.receiver.events) {
      assert.deepEqual(resource, {
        "service.name": "clef-agent",
        "service.version": VERSION,
        "service.instance.id": "agent-1",
        "clef.agent.id": "agent-1",
        "clef.identity": "api-gateway",
        "clef.environment": "production",
        "clef.source.type": "http",
      });
      assert.equal(scope, "clef.runtime");
      assert.equal(atMs, Date.UTC(2026, 5, 1));
    }
  });

  test("why an artifact is refused, for every reason there is", async (context) => {
    const story = await Story.begin(context);
    const { held, refused } = {
      held: story.origin.artifact,
      refused: await refusedArtifacts(story),
    };
    assert.deepEqual(
      ["signature_error", ...refused.keys()].toSorted(),
      REASON_CODES.filter((code) => code !== "expired" && code !== "revoked").toSorted(),
    );
    for (const artifact of refused.values()) await story.holds(artifact);
    await story.holds(held);
    await story.delivered(2 + refused.size);
    const invalid = story.told.filter(({ name }) => name === "artifact.invalid");
    assert.deepEqual(
      invalid.map((one) => one["clef.reason"]),
      [...refused.keys()],
    );
    for (const { severity, name, "clef.reason": reason, "clef.error": error, ...rest } of invalid) {
      assert.equal(severity, "ERROR 17");
      assert.ok(typeof error === "string" && error.length > 10, String(reason));
      assert.deepEqual(rest, { "event.name": `clef.${String(name)}` });
    }
  });

  test("of a signature that cannot be checked at all", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const origin = await Origin.start(context);
    const clock = new FakeClock();
    origin.artifact = await pack({ signed: true, nowMs: clock.now().wallMs });
    // No artifact can bring this about: a key that is for something else does.
    const { publicKey } = generateKeyPairSync("x25519");
    await InProcessAgent.start(context, {
      origin,
      clock,
      verifyKeys: [{ key: publicKey, algorithm: "Ed25519" }],
      env: { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl },
    });
    await clock.advance(11_000);
    const { attributes } = await receiver.event("artifact.invalid");
    assert.equal(attributes["clef.reason"], "signature_error");
  });
});

/** An artifact for every reason that an artifact can be refused for, made from the one that is served. */
async function refusedArtifacts(story: Story): Promise<ReadonlyMap<string, string>> {
  const held = story.origin.artifact;
  const newer = await story.packed();
  const older = story.clock.now().wallMs - 3_600_000;
  return new Map([
    ["json_parse", "<html>"],
    ["unsupported_version", altered(newer, { version: 2 })],
    ["missing_fields", altered(newer, { ciphertext: undefined })],
    ["invalid_shape", altered(newer, { packedAt: "yesterday" })],
    ["incomplete_envelope", altered(newer, { envelope: { provider: "aws" } })],
    ["integrity", altered(newer, { ciphertext: Buffer.from("other").toString("base64") })],
    ["signature_missing", altered(newer, { signature: undefined, signatureAlgorithm: undefined })],
    ["signature_invalid", altered(newer, { expiresAt: "2099-01-01T00:00:00Z" })],
    ["identity_mismatch", await story.packed({ identity: "billing" })],
    ["rollback", await story.packed({ nowMs: older })],
    ["revision_conflict", await resigned(newer, { revision: revisionOf(held) })],
    ["kms_unwrap", await resigned(newer, { envelope: ENVELOPE })],
    ["decrypt", await story.packed({ recipients: [OTHER_RECIPIENT] })],
    ["payload_parse", await story.packed({ payload: "no JSON at all" })],
    ["payload_shape", await story.packed({ payload: '{"KEY":1}' })],
  ]);
}
