import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const PATHS: Readonly<Record<string, number>> = {
  "/": 404,
  "/v1": 404,
  "/v2/secrets": 404,
  "/v1/secretsx": 404,
  "/v1/other": 404,
  "/V1/secrets": 404,
  "/v1/secrets/%": 400,
  "/v1/secrets/%zz": 400,
  "/v1/secrets/%ff": 400,
  "/v1/secrets/NONE": 404,
};

const METHODS = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

export const cases: readonly Case[] = [
  {
    name: "answer what leads nowhere or cannot be decoded with JSON, and no more than that",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      for (const [path, status] of Object.entries(PATHS)) {
        const answer = await agent.get(path);
        equal(answer.status, status, path);
        ensure(typeof answer.json("error") === "string", `${path} has no error`);
        ensure(
          !/\bat |\.js|\.ts|node:|\/home|\/tmp/.test(answer.body),
          `${path} tells of the inside: ${answer.body}`,
        );
      }
    },
  },
  {
    name: "refuse other methods with 405 and Allow",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      for (const method of METHODS) {
        for (const path of [
          "/v1/secrets",
          "/v1/secrets/KEY",
          "/v1/keys",
          "/v1/health",
          "/v1/ready",
        ]) {
          const answer = await agent.get(path, { method });
          equal(answer.status, 405, `${method} ${path}`);
          ensure(
            /\bGET\b/.test(answer.headers.get("allow") ?? ""),
            `Allow is ${answer.headers.get("allow")}`,
          );
        }
      }
    },
  },
];
