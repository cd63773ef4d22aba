import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { readTelemetry } from "../../src/config/telemetry.ts";
import type { Facts } from "../../src/otlp/collect.ts";
import { Instruments } from "../../src/otlp/instruments.ts";
import { type Exporting, openExporting } from "../../src/otlp/open.ts";
import { About } from "../../src/otlp/about.ts";
import { Snapshot } from "../../src/store/snapshot.ts";
import { FakeClock } from "./fake-clock.ts";
import { rememberPayload } from "./known-secrets.ts";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import { type RecordingLog, recordingLog } from "./recording-log.ts";
import { DIRECT } from "./network.ts";

export interface TelemetryTrial {
  readonly env?: Readonly<Record<string, string>>;
  readonly url?: string;
  /** As in just-in-time mode, where it is false. */
  readonly keepHeaders?: boolean;
}

/** Everything that sends telemetry, with secrets that the test speaks for and no agent around it. */
export class TelemetryBench {
  readonly clock = new FakeClock();
  readonly recorded: RecordingLog = recordingLog();
  readonly telemetry: Exporting;
  readonly instruments: Instruments;
  readonly #about: About;
  facts: Facts = {
    status: {
      freshness: "fresh",
      revision: "1-a",
      lastRefreshAt: 0,
      ageSeconds: 12,
      dataFrom: "origin",
      consecutiveFailures: 0,
      lastFailure: null,
    },
    untilExpiryMs: Number.POSITIVE_INFINITY,
    diskCacheHoldsArtifact: false,
    diskCacheFailures: 0,
    files: undefined,
  };
  /** Whether looking at the secrets throws. */
  breaks = false;
  /** How often the secrets were looked at. */
  looks = 0;
  #secrets: Snapshot | undefined;

  constructor(
    context: Pick<TestContext, "after">,
    receiver: OtlpReceiver,
    trial: TelemetryTrial = {},
  ) {
    const { telemetry: config, resource } = readTelemetry(
      trial.env ?? {},
      new URL(trial.url ?? receiver.logsUrl),
      false,
    );
    assert.ok(config);
    this.#about = new About(
      { agentId: "agent-1", sourceType: "file", identity: undefined, environment: undefined },
      resource,
    );
    this.instruments = new Instruments(
      () => this.facts,
      () => this.clock.now().monoMs,
    );
    this.telemetry = openExporting({
      network: DIRECT,
      config,
      about: this.#about,
      instruments: this.instruments,
      useSecrets: async (use) => {
        this.looks++;
        if (this.breaks) throw new Error("looking at the secrets is broken");
        return this.#secrets === undefined ? undefined : use(this.#secrets);
      },
      keepHeaders: trial.keepHeaders ?? true,
      clock: this.clock,
      random: () => 0.5,
      log: this.recorded.log,
    });
    context.after(() => this.telemetry.stop(0));
  }

  /** An artifact with these secrets begins to be served. */
  serves(secrets: unknown = { KEY: "value" }, from: "origin" | "disk_cache" = "origin"): void {
    rememberPayload(secrets);
    this.#secrets = new Snapshot("1-a", "00", Buffer.from(JSON.stringify(secrets)));
    const change = {
      kind: "serving",
      revision: "1-a",
      identity: "api",
      environment: "production",
      keyCount: 1,
      kmsEnvelope: false,
      expiresAtMs: undefined,
      from,
    } as const;
    this.#about.serving(change);
    this.instruments.changed(change);
    this.telemetry.changed(change);
  }

  /** The secrets are wiped, and why is told. */
  wipes(): void {
    this.#secrets = undefined;
    const revokedAt = "2026-06-01T00:00:00Z";
    this.telemetry.event({ name: "artifact.revoked", revokedAt });
    this.telemetry.changed({ kind: "ended", reason: "revoked", revokedAt });
  }

  /** Something happens that can be told apart by its number. */
  happens(number: number): void {
    this.telemetry.event({ name: "agent.stopped", reason: "signal", uptimeSeconds: number });
  }

  /** Sends a counted batch of the latest things, in a second. */
  warnings(): readonly string[] {
    return this.recorded.messages("warn");
  }
}

/** The numbers of what happened, as far as the collector took it. */
export function numbersOf(receiver: OtlpReceiver): readonly unknown[] {
  return receiver.events
    .filter(({ name }) => name === "agent.stopped")
    .map(({ attributes }) => attributes["clef.uptimeSeconds"]);
}
