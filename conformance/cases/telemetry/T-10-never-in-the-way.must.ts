import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector, type Collector } from "../../tools/collector.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const COLLECTORS: Readonly<Record<string, (collector: Collector) => void>> = {
  "never answers": (collector) => (collector.behaviour = () => undefined),
  "answers 500": (collector) =>
    (collector.behaviour = (_request, response) => void response.writeHead(500).end()),
  "hangs up": (collector) => (collector.behaviour = (request) => void request.socket.destroy()),
  "is not there": () => undefined,
};

export const cases: readonly Case[] = Object.entries(COLLECTORS).map(([name, spoil]): Case => ({
  name: `serve, take changes and stop, with a collector that ${name}`,
  needs: ["telemetry"],
  run: async (world) => {
    const collector = await startCollector(world);
    spoil(collector);
    const nobody = `http://127.0.0.1:${await freePort()}/v1/logs`;
    const url = name === "is not there" ? nobody : collector.url;
    const started = await servingOn(world, pack({ KEY: secretValue() }), {
      CLEF_AGENT_TELEMETRY_URL: url,
    });
    const next = { KEY: secretValue() };
    await hold(started, pack(next));
    await started.agent.serves(next, 5);
    const began = performance.now();
    for (let n = 0; n < 20; n++)
      equal((await started.agent.get("/v1/secrets")).status, 200, "the status");
    ensure(performance.now() - began < 5_000, "twenty answers took more than 5 s");
    started.agent.signal("SIGTERM");
    equal(await started.agent.ended(20), 0, "its exit code");
  },
}));
