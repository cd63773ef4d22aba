import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

/** What is read as one second. */
const READ = [
  'wait="1"',
  "WAIT=1",
  "respond-async, wait=1",
  "wait=1; foo=bar",
  "wait=1, wait=30",
  "handling=lenient, Wait = 1",
];
const IGNORED = [
  "wait=1.5",
  "wait=-1",
  "wait=soon",
  "wait",
  "wait=",
  "waiting=1",
  "foo; wait=1",
  "wait=1s",
];

export const cases: readonly Case[] = [
  {
    name: "read Prefer as RFC 7240 has it",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = await tagOf(agent, "/v1/secrets");
      const answers = await Promise.all(
        READ.map(
          async (prefer) => [prefer, await wait(agent, "/v1/secrets", etag, prefer)] as const,
        ),
      );
      for (const [prefer, answer] of answers) {
        equal(
          answer.headers.get("preference-applied"),
          "wait=1",
          `Preference-Applied to ${prefer}`,
        );
      }
    },
  },
  {
    name: "ignore what is no whole number, and answer at once",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = await tagOf(agent, "/v1/secrets");
      for (const prefer of IGNORED) {
        const answer = await wait(agent, "/v1/secrets", etag, prefer);
        equal([answer.status, answer.headers.get("preference-applied")], [304, undefined], prefer);
      }
    },
  },
];
