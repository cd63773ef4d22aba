import type { Case } from "../../suite/case.ts";
import { pack, without } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { equal } from "../../tools/expect.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { holdRefused, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "tell of what was refused, with the reason that the log has",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const signed = pack({ KEY: secretValue() }, { signWith: ED25519 });
      const env = {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
        CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
      };
      const started = await servingOn(world, signed, env);
      await holdRefused(started, without(signed, "signature"), "signature_missing");
      const { severity, attributes } = await collector.got("artifact.invalid");
      equal([severity, attributes["clef.reason"]], ["ERROR", "signature_missing"], "the event");
      equal(typeof attributes["clef.error"], "string", "the type of its error");
    },
  },
];
