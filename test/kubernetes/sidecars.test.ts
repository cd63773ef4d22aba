import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { altered, revocation } from "../support/artifacts.ts";
import { ASKING, SAYING } from "../support/kubernetes/clients.ts";
import { startMesh } from "../support/kubernetes/mesh.ts";
import { whyNoNode } from "../support/kubernetes/node.ts";
import type { Container, PodSpec } from "../support/kubernetes/pods.ts";
import { NAMESPACE, Shop } from "../support/kubernetes/shop.ts";
import { statusOf } from "../support/kubernetes/statuses.ts";
import { releaseAll } from "../support/temporary.ts";

const skip = whyNoNode() ?? false;
const VALUE = '{"value":"one"}';

let shop: Shop;
const cleanUp: (() => unknown)[] = [];
const lifetime = { after: (release: () => unknown) => cleanUp.push(release) };

/** A sidecar of somebody else's that needs a second to be ready. */
function mesh(): Container {
  return shop.shell("mesh", "sleep 1; say up; exec sleep infinity", {
    restartPolicy: "Always",
    startupProbe: {
      // The shell has become the sleep.
      exec: { command: ["sh", "-c", '[ "$(cat /proc/1/comm)" = sleep ]'] },
      periodSeconds: 1,
      failureThreshold: 30,
    },
  });
}

describe("native sidecars on a real kubelet", { skip }, () => {
  before(async () => {
    shop = await Shop.open(lifetime);
    await startMesh(lifetime, shop.plane, mesh());
  });
  after(() => releaseAll(cleanUp));

  test("the agent is ready before a pod's own sidecar, its init containers and its application", async () => {
    await shop.put("first", "one");
    const once = SAYING.http.replace("while :; do", "for one in 1; do");
    const initContainers = [mesh(), shop.shell("migrate", once)];
    await shop.pod("first", { environment: "first" }, shop.spec(SAYING.http, { initContainers }));
    const app = await shop.eventually("the application", () =>
      shop.outside.first("first.app", VALUE),
    );
    const up = shop.outside.first("first.mesh", "up")?.at ?? Number.NaN;
    const migrated = shop.outside.first("first.migrate", VALUE)?.at ?? Number.NaN;
    assert.ok((shop.outside.fetchedAt.get("first") ?? Number.NaN) < up);
    assert.ok(up < migrated && migrated < app.at);
    shop.delete("first");
    await shop.ended("first");
  });

  test("a mesh whose webhook comes after the injector is up before the agent, which may need it for its source", async () => {
    await shop.put("meshed", "one");
    shop.outside.refuses = (environment, response) => {
      const isClosed = environment === "meshed" && !shop.outside.first("meshed.mesh", "up");
      if (isClosed) response.writeHead(503).end();
      return isClosed;
    };
    const asked = { environment: "meshed", mesh: "mesh" };
    await shop.pod("meshed", asked, shop.spec(SAYING.http));
    await shop.eventually("the application", () => shop.outside.first("meshed.app", VALUE));
    const found = (await shop.plane.get(`/api/v1/namespaces/${NAMESPACE}/pods/meshed`)) as {
      readonly spec: PodSpec;
    };
    const names = found.spec.initContainers?.map(({ name }) => name);
    assert.deepEqual(names, ["mesh", "clef-agent"]);
    const told = found.spec.initContainers?.[0]?.env?.map(({ name }) => name);
    assert.deepEqual(told, ["POD", "WHO"], "what came later is told nothing");
    const pod = await shop.one("meshed");
    assert.equal(statusOf(pod, "clef-agent")?.restartCount, 0);
    shop.delete("meshed");
    await shop.ended("meshed");
  });

  test("the agent alone is killed when its memory is over, and comes back alone", async () => {
    await shop.put("oom", "one");
    const answer = `0 ${VALUE}`;
    const heard = (): number => shop.outside.by("oom.app").filter((what) => what === answer).length;
    await shop.pod("oom", { environment: "oom" }, shop.spec(ASKING));
    await shop.eventually("it has the secret", () => heard() === 1);
    const { containerID = "" } = statusOf(await shop.one("oom"), "clef-agent") ?? {};
    fill(shop.node.processOf(containerID));
    await shop.eventually("it has the secret again", () => heard() === 2);
    const pod = await shop.eventually("the kubelet tells of it", async () => {
      const found = await shop.one("oom");
      return statusOf(found, "clef-agent")?.restartCount === 1 && found;
    });
    assert.equal(statusOf(pod, "clef-agent")?.lastState.terminated?.reason, "OOMKilled");
    assert.equal(statusOf(pod, "app")?.restartCount, 0);
    shop.delete("oom");
    await shop.ended("oom");
  });

  test("an application that uses its whole grace period up leaves the agent the least", async (t) => {
    await shop.put("grace", "one");
    const script = `trap : TERM; say up; while :; do sleep 0.2; done`;
    await shop.pod(
      "grace",
      { environment: "grace" },
      shop.spec(script, { terminationGracePeriodSeconds: 3 }),
    );
    await shop.eventually("it is up", () => shop.outside.first("grace.app", "up"));
    shop.delete("grace");
    const last = await shop.ended("grace");
    assert.equal(statusOf(last, "app")?.state.terminated?.exitCode, 137);
    const agent = statusOf(last, "clef-agent")?.state.terminated;
    t.diagnostic(`the agent ended with ${agent?.exitCode} (${agent?.reason})`);
    assert.equal(agent?.exitCode, 0);
  });

  test("a mount with subPath stays at the first value, and outlives a revocation", async () => {
    await shop.put("subpath", "one");
    const watch = `
      while :; do
        value="$(cat /run/clef-secrets/KEY 2>/dev/null) $(cat /mnt/key)"
        [ "$value" = "$last" ] || say "$value"
        last=$value
        sleep 0.05
      done`;
    const volumeMounts = [{ name: "clef-agent-files", mountPath: "/mnt/key", subPath: "KEY" }];
    const containers = [shop.shell("app", watch, { volumeMounts })];
    await shop.pod(
      "subpath",
      { environment: "subpath", deliver: "files" },
      shop.spec("", { containers }),
    );
    const heard = (what: string) =>
      shop.eventually(what, () => shop.outside.first("subpath.app", what));
    await heard("one one");
    await shop.put("subpath", "two");
    await heard("two one");
    shop.outside.put("subpath", altered(revocation(), { environment: "subpath" }));
    await heard(" one");
    shop.delete("subpath");
    await shop.ended("subpath");
  });

  test("six replicas of a source that answers once in a second all start, and none is restarted", async (t) => {
    await shop.put("limited", "one");
    let last = 0;
    let refused = 0;
    shop.outside.refuses = (environment, response) => {
      if (environment !== "limited") return false;
      const isTooSoon = performance.now() - last < 1_000;
      if (isTooSoon) {
        refused++;
        response.writeHead(429, { "retry-after": "1" }).end();
      } else last = performance.now();
      return isTooSoon;
    };
    const app = "limited";
    const metadata = shop.metadata(app, { environment: "limited" });
    const spec = {
      replicas: 6,
      selector: { matchLabels: { app } },
      template: { metadata, spec: shop.spec(SAYING.http, { terminationGracePeriodSeconds: 1 }) },
    };
    const startedAt = performance.now();
    shop.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: app }, spec });
    await shop.eventually("all have the secret", () => {
      const have = shop.outside.said.filter(
        ({ who, what }) => who.startsWith(app) && what === VALUE,
      );
      return have.length === 6;
    });
    t.diagnostic(`all after ${Math.round(performance.now() - startedAt)} ms, ${refused} refusals`);
    const pods = await shop.pods(app);
    assert.deepEqual(
      pods.map((pod) => statusOf(pod, "clef-agent")?.restartCount),
      Array.from({ length: 6 }, () => 0),
    );
    shop.plane.does(["delete", "deployment", app, "-n", NAMESPACE, "--wait=false"]);
  });
});

/**
 * Lets a container's memory run over: pages of a file in memory, charged to its control group, until the
 * kernel ends the largest process in there, which is not the small one that writes.
 */
function fill(pid: number): void {
  const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const [, , group] = groups.find((line) => line.split(":")[1] === "memory")?.split(":") ?? [];
  const procs =
    group === undefined
      ? `/sys/fs/cgroup${groups[0]?.split(":")[2]}/cgroup.procs`
      : `/sys/fs/cgroup/memory${group}/cgroup.procs`;
  const file = `/dev/shm/clef-agent-test-${pid}`;
  const script = `echo $$ >"$0" && exec head -c 160M /dev/zero >"$1"`;
  spawnSync("sh", ["-c", script, procs, file], { timeout: 60_000 });
  rmSync(file, { force: true });
}
