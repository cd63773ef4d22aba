import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import type { Agent } from "../../tools/agent.ts";
import type { Answer } from "../../tools/http.ts";
import { ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

/** Asks until it is not too soon. */
async function refresh(agent: Agent): Promise<Answer> {
  for (;;) {
    const answer = await agent.get("/v1/refresh", { method: "POST" });
    if (answer.status !== 429) return answer;
    await sleep(Number(answer.headers.get("retry-after") ?? 1));
  }
}

export const cases: readonly Case[] = [
  {
    name: "look at the source on POST /v1/refresh, and say what came of it",
    needs: ["refresh"],
    waitsSeconds: 10,
    run: async (world) => {
      const signWith = ED25519;
      const first = pack({ KEY: secretValue() }, { signWith });
      const { agent, origin } = await servingOn(world, first, {
        CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
      });
      const outcome = async (): Promise<unknown> => {
        const answer = await refresh(agent);
        equal(answer.status, 200, "the status");
        return JSON.parse(answer.body);
      };
      equal(
        await outcome(),
        { outcome: "unchanged", revision: first["revision"], reason: null },
        "nothing new",
      );
      const second = pack({ KEY: secretValue() }, { signWith });
      const { revision } = second;
      origin.put(second);
      equal(await outcome(), { outcome: "refreshed", revision, reason: null }, "something new");
      origin.put(pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 }));
      equal(
        await outcome(),
        { outcome: "invalid", revision, reason: "signature_invalid" },
        "something bad",
      );
      origin.put(
        pack({ KEY: secretValue() }, { signWith, expiresAt: new Date(Date.now() - 1000) }),
      );
      const late = (await outcome()) as Record<string, unknown>;
      equal([late["outcome"], late["revision"]], ["expired", revision], "something expired");
      origin.refuse(500);
      const failed = (await outcome()) as Record<string, unknown>;
      equal([failed["outcome"], failed["revision"]], ["failed", revision], "an origin that fails");
      ensure(typeof failed["reason"] === "string", "an origin that fails has no reason");
      origin.behaviour = undefined;
      origin.put(marker());
      const revoked = (await outcome()) as Record<string, unknown>;
      equal([revoked["outcome"], revoked["revision"]], ["revoked", null], "a marker");
    },
  },
  {
    name: "want the token for it, and no other method",
    needs: ["refresh"],
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      const asked = origin.asked.length;
      const headers = { authorization: undefined };
      equal(
        (await agent.get("/v1/refresh", { method: "POST", headers })).status,
        401,
        "without a token",
      );
      const got = await agent.get("/v1/refresh");
      equal([got.status, got.headers.get("allow")], [405, "POST"], "GET");
      equal(origin.asked.length, asked, "how often the origin was asked");
    },
  },
  {
    name: "answer those that ask at once with one look at the source",
    needs: ["refresh"],
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      await sleep(1.1);
      const asked = origin.asked.length;
      origin.behaviour = (request, response) =>
        void setTimeout(() => origin.answer(request, response), 300);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => agent.get("/v1/refresh", { method: "POST" })),
      );
      const statuses = answers.map(({ status }) => status);
      ensure(
        statuses.every((status) => status === 200),
        `the answers are ${statuses.join()}`,
      );
      equal(origin.asked.length, asked + 1, "how often the origin was asked");
    },
  },
];
