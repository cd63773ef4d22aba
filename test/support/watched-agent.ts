import type { TestContext } from "node:test";
import { InProcessAgent } from "./agent-in-process.ts";
import { pack, type PackOptions } from "./artifacts.ts";
import { FakeClock } from "./fake-clock.ts";
import { Origin } from "./origin.ts";
import { PlaintextWatch } from "./plaintext-watch.ts";

/** The secret that is looked for. */
export const VALUE = "correct horse battery staple";
/** More than the sockets between the agent and a client who does not read can take. */
export const LARGE: string = VALUE.repeat(400_000);

export interface Watched {
  readonly agent: InProcessAgent;
  readonly clock: FakeClock;
  readonly origin: Origin;
  readonly watch: PlaintextWatch;
}

/** An agent that serves `VALUE`, and a watch over the plaintext that it makes. */
export async function watchedAgent(
  t: TestContext,
  options: PackOptions = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Watched> {
  const clock = new FakeClock();
  const origin = await Origin.start(t);
  origin.artifact = await packed(clock, options);
  const watch = PlaintextWatch.start(t);
  const agent = await InProcessAgent.start(t, { origin, clock, env });
  return { agent, clock, origin, watch };
}

export async function packed(clock: FakeClock, options: PackOptions = {}): Promise<string> {
  const nowMs = clock.now().wallMs;
  const make = (): Promise<string> =>
    pack({ secrets: { KEY: VALUE }, signed: true, nowMs, ...options });
  if (options.payload !== largePayload() || options.seal !== undefined) return make();
  // Proving what was encrypted takes a second for one that is as large.
  const which = JSON.stringify({ ...options, payload: "large", nowMs });
  const artifact = largeArtifacts.get(which) ?? make();
  largeArtifacts.set(which, artifact);
  return artifact;
}

const largeArtifacts = new Map<string, Promise<string>>();
const largeText = JSON.stringify({ app: { SHORT: VALUE, KEY: LARGE } });

/** A payload whose answer no client takes at once, with a short secret beside. */
export function largePayload(): string {
  return largeText;
}
