import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { randomBytes } from "node:crypto";
import { ASKING } from "../support/kubernetes/clients.ts";
import { whyNoNode } from "../support/kubernetes/node.ts";
import type { PodSpec } from "../support/kubernetes/pods.ts";
import { Shop } from "../support/kubernetes/shop.ts";
import { statusOf } from "../support/kubernetes/statuses.ts";
import { rememberSecret } from "../support/known-secrets.ts";
import { releaseAll } from "../support/temporary.ts";

const skip = whyNoNode() ?? false;

let shop: Shop;
const cleanUp: (() => unknown)[] = [];

/** What is done to a pod: it is deleted, its node is drained, or a process in it gets a signal. */
type Step = "delete" | "drain" | readonly [NodeJS.Signals, "clef-agent" | "app"];

const AGENT_TERM = ["SIGTERM", "clef-agent"] as const;
const AGENT_KILL = ["SIGKILL", "clef-agent"] as const;
const APP_KILL = ["SIGKILL", "app"] as const;
const ORDERS: Readonly<Record<string, readonly [Step, ...Step[]]>> = {
  "a deletion": ["delete"],
  "a drain": ["drain"],
  "the end of the agent, then a deletion": [AGENT_TERM, "delete"],
  "the death of the agent, then a deletion": [AGENT_KILL, "delete"],
  "a deletion, then the death of the agent": ["delete", AGENT_KILL],
  "the death of the application, then a deletion": [APP_KILL, "delete"],
  "a deletion, then the death of the application": ["delete", APP_KILL],
  "the death of both, then a drain": [AGENT_KILL, APP_KILL, "drain"],
};

/** Files on the node that hold a text; with `onDisk` none of those that are in memory. */
function holding(secret: string, onDisk = false): string[] {
  const among = onDisk ? ["-xdev"] : [];
  const args = [
    shop.node.folder,
    ...among,
    "-type",
    "f",
    "-exec",
    "grep",
    "-lF",
    secret,
    "{}",
    "+",
  ];
  // Its exit code tells of files that came and went.
  return spawnSync("find", args, { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
}

/** With time enough for its last requests on a busy machine. */
const patient = (script: string): PodSpec =>
  shop.spec(script, { terminationGracePeriodSeconds: 60 });

async function take(step: Step, pod: string): Promise<void> {
  if (step === "delete") {
    shop.delete(pod);
    return;
  }
  if (step !== "drain") return shop.kill(pod, step[1], step[0]);
  const which = `--pod-selector=app=${pod}`;
  const ways = ["--force", "--delete-emptydir-data", "--timeout=1s"];
  // It waits for the pod to be gone, which this test keeps; the eviction is asked for at once.
  shop.plane.kubectl(["drain", "node", which, ...ways]);
  shop.plane.does(["uncordon", "node"]);
}

describe(
  "on a real kubelet no accepted request is lost and no plaintext file is left",
  { skip },
  () => {
    before(async () => {
      shop = await Shop.open({ after: (release) => cleanUp.push(release) });
    });
    after(() => releaseAll(cleanUp));

    for (const [index, [name, steps]] of Object.entries(ORDERS).entries()) {
      test(`by ${name}`, async () => {
        const value = rememberSecret(`plain-${randomBytes(8).toString("hex")}`);
        const pod = `end-${index}`;
        const who = `${pod}.app`;
        const answer = `0 {"value":"${value}"}`;
        await shop.put(pod, value);
        await shop.pod(pod, { environment: pod, deliver: "http,files" }, patient(ASKING));
        await shop.eventually("it has the secret", () => shop.outside.first(who, answer));
        assert.equal(holding(value).length, 1, "one file in memory");
        assert.deepEqual(holding(value, true), []);
        for (const step of steps) await take(step, pod);
        const last = await shop.ended(pod);
        assert.deepEqual(holding(value), []);

        const said = shop.outside.by(who);
        const agentDied = steps.includes(AGENT_KILL);
        const appDied = steps.includes(APP_KILL);
        if (!appDied) {
          // What a process is killed over is lost with it; all else has its answer.
          const ended = /^ended, (\d+) broken, (\d+) reset$/.exec(said.at(-1) ?? "");
          const [broken, reset] = ended?.slice(1).map(Number) ?? [];
          assert.ok(broken !== undefined && reset !== undefined, said.join("\n"));
          assert.ok(broken <= (agentDied ? 1 : 0), said.join("\n"));
          // One that the kernel has completed in the instant in which the agent closes its listener.
          const agentEnded = agentDied || steps.includes(AGENT_TERM);
          assert.ok(broken + reset <= (agentEnded ? 1 : 0), said.join("\n"));
          assert.equal(statusOf(last, "app")?.state.terminated?.exitCode, 0);
        }
        const agent = statusOf(last, "clef-agent")?.state.terminated;
        const app = statusOf(last, "app")?.state.terminated;
        if (steps.length === 1) {
          assert.deepEqual(
            said,
            [answer, "ended, 0 broken, 0 reset"],
            "it was answered to the end",
          );
          assert.equal(agent?.exitCode, 0);
          assert.ok(agent.finishedAt >= (app?.finishedAt ?? "?"), "the agent ended last");
        }
      });
    }

    test("the death of one of both is not the other's", async () => {
      await shop.put("alone", "one");
      const who = "alone.app";
      const answer = '0 {"value":"one"}';
      const heard = (): number => shop.outside.by(who).filter((what) => what === answer).length;
      await shop.pod("alone", { environment: "alone" }, patient(ASKING));
      await shop.eventually("it has the secret", () => heard() === 1);
      const restarted = (agent: number, app: number): Promise<unknown> =>
        shop.eventually(`restarts are ${agent} and ${app}`, async () => {
          const pod = await shop.one("alone");
          const counts = ["clef-agent", "app"].map((name) => statusOf(pod, name)?.restartCount);
          return counts[0] === agent && counts[1] === app;
        });
      await shop.kill("alone", "clef-agent", "SIGKILL");
      await shop.eventually("it has the secret again, with the same token", () => heard() === 2);
      await restarted(1, 0);
      await shop.kill("alone", "app", "SIGKILL");
      await shop.eventually("it has the secret when it is back", () => heard() === 3);
      await restarted(1, 1);
      shop.delete("alone");
      await shop.ended("alone");
    });
  },
);
