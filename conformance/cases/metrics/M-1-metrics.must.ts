import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { request } from "../../tools/http.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const LINE =
  /^[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (?:[-+]?[\d.eE+-]+|NaN|[+-]Inf)(?: \d+)?$/;

export const cases: readonly Case[] = [
  {
    name: "give its metrics in the text format 0.0.4, with the resource in target_info",
    needs: ["probe", "metrics"],
    run: async (world) => {
      const port = await freePort();
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_PROBE_LISTEN: `127.0.0.1:${port}`,
        CLEF_AGENT_ID: "agent-of-this-case",
      });
      await agent.get("/v1/secrets");
      const answer = await request(port, "/metrics");
      equal(answer.status, 200, "the status");
      ensure(
        /^text\/plain;.*version=0\.0\.4/.test(answer.headers.get("content-type") ?? ""),
        `it is ${answer.headers.get("content-type")}`,
      );
      const lines = answer.body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      for (const line of lines) ensure(LINE.test(line), `this is no line of the format: ${line}`);
      ensure(
        lines.some(
          (line) => line.startsWith("target_info{") && line.includes("agent-of-this-case"),
        ),
        "there is no target_info",
      );
      ensure(
        lines.some((line) => line.startsWith("clef_refresh_attempts_total")),
        "there is no clef_refresh_attempts_total",
      );
      equal((await agent.get("/metrics")).status, 404, "/metrics on the port of the API");
    },
  },
];
