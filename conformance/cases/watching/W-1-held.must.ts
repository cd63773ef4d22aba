import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

const PATHS = [
  "/v1/secrets",
  "/v1/secrets?format=flat",
  "/v1/secrets/KEY",
  "/v1/secrets/app/OTHER",
  "/v1/keys",
];

export const cases: readonly Case[] = PATHS.map((path): Case => ({
  name: `hold a request for ${path} until it changes, and answer it then`,
  needs: ["waiting"],
  run: async (world) => {
    const started = await servingOn(
      world,
      pack({ KEY: secretValue(), app: { OTHER: secretValue() } }),
    );
    const { agent } = started;
    const etag = await tagOf(agent, path);
    let isOver = false;
    const waiting = wait(agent, path, etag, 60).finally(() => (isOver = true));
    await sleep(1);
    ensure(!isOver, "it was answered though nothing changed");
    await hold(started, pack({ KEY: secretValue(), app: { OTHER: secretValue() }, NEW: "one" }));
    const answer = await waiting;
    equal(answer.status, 200, "the status");
    equal(answer.headers.get("preference-applied"), "wait=60", "Preference-Applied");
    const now = await agent.get(path);
    equal(
      [answer.body, answer.headers.get("etag")],
      [now.body, now.headers.get("etag")],
      "the answer",
    );
  },
}));
