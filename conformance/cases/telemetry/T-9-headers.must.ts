import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "send the headers that the secrets name, and follow their rotation",
    needs: ["telemetry"],
    waitsSeconds: 20,
    run: async (world) => {
      const collector = await startCollector(world);
      const [one, two] = [secretValue(), secretValue()];
      const headers = (value: string): object => ({
        CLEF_TELEMETRY_HEADERS: `x-one=${value},x-two=b`,
      });
      const started = await servingOn(world, pack(headers(one)), {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
      });
      const first = await collector.got("artifact.refreshed");
      equal([first.headers["x-one"], first.headers["x-two"]], [one, "b"], "the headers");
      const next = pack(headers(two));
      await hold(started, next);
      await eventually(
        "the new header is sent",
        () => collector.records.some((record) => record.headers["x-one"] === two),
        25,
      );
    },
  },
  {
    name: "send CLEF_TELEMETRY_TOKEN as a bearer token",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const token = secretValue();
      await servingOn(world, pack({ CLEF_TELEMETRY_TOKEN: token }), {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
      });
      const { headers } = await collector.got("artifact.refreshed");
      equal(headers.authorization, `Bearer ${token}`, "Authorization");
    },
  },
];
