import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { altered, revocation, VERIFY_KEY } from "../support/artifacts.ts";
import { IMAGE } from "../support/kubernetes/containerd.ts";
import { SAYING } from "../support/kubernetes/clients.ts";
import { whyNoNode } from "../support/kubernetes/node.ts";
import { container, podSpec } from "../support/kubernetes/pods.ts";
import { NAMESPACE, Shop } from "../support/kubernetes/shop.ts";
import { statusOf } from "../support/kubernetes/statuses.ts";
import { releaseAll } from "../support/temporary.ts";

const skip = whyNoNode() ?? false;
const ANSWER = (value: string): string => `{"value":"${value}"}`;

let shop: Shop;
const cleanUp: (() => unknown)[] = [];

const since = (startedAt: number, until = performance.now()): string =>
  `${Math.round(until - startedAt)} ms`;

describe("a real kubelet", { skip }, () => {
  before(async () => {
    shop = await Shop.open({ after: (release) => cleanUp.push(release) });
  });
  after(() => releaseAll(cleanUp));

  test("completes a Job whose init container and container read a secret from an injected agent", async (t) => {
    await shop.put("job", "one");
    const ask = `
      answer=$(curl -s -S --fail-with-body -H "Authorization: Bearer $(cat $CLEF_AGENT_TOKEN_FILE)" http://127.0.0.1:7779/v1/secrets/KEY) || exit
      say "$answer"`;
    const spec = shop.spec(ask, {
      restartPolicy: "Never",
      initContainers: [shop.shell("first", ask)],
    });
    const template = { metadata: shop.metadata("migrate", { environment: "job" }), spec };
    const startedAt = performance.now();
    const metadata = { name: "migrate" };
    shop.apply({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata,
      spec: { backoffLimit: 0, template },
    });
    const status = await shop.eventually("the Job has ended", async () => {
      const path = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/migrate`;
      const job = (await shop.plane.get(path)) as {
        readonly status: { readonly succeeded?: number; readonly failed?: number };
      };
      // A Job that failed will not be tried again, so nobody needs to wait for the time to be over.
      if ((job.status.failed ?? 0) > 0) throw new Error("a container failed");
      return job.status.succeeded === 1 && job.status;
    });
    t.diagnostic(`complete after ${since(startedAt)}`);
    assert.equal(status.failed ?? 0, 0);
    const { metadata: pod } = await shop.one("migrate");
    assert.deepEqual(shop.outside.by(`${pod.name}.first`), [ANSWER("one")]);
    assert.deepEqual(shop.outside.by(`${pod.name}.app`), [ANSWER("one")]);
  });

  test("takes a Deployment out of service on revocation, and back, without a restart", async (t) => {
    await shop.put("revoked", "one");
    const template = {
      metadata: shop.metadata("api", { environment: "revoked" }),
      spec: shop.spec("exec sleep infinity", { terminationGracePeriodSeconds: 2 }),
    };
    const spec = { replicas: 2, selector: { matchLabels: { app: "api" } }, template };
    const startedAt = performance.now();
    shop.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api" }, spec });
    const ready = async (): Promise<number> => {
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/api`;
      const { status } = (await shop.plane.get(path)) as {
        readonly status?: { readonly readyReplicas?: number };
      };
      return status?.readyReplicas ?? 0;
    };
    await shop.eventually("both are ready", async () => (await ready()) === 2);
    t.diagnostic(`ready after ${since(startedAt)}`);
    shop.outside.put("revoked", altered(revocation(), { environment: "revoked" }));
    await shop.eventually("none is ready", async () => (await ready()) === 0);
    await shop.put("revoked", "two");
    await shop.eventually("both are ready again", async () => (await ready()) === 2);
    for (const pod of await shop.pods("api")) {
      assert.equal(statusOf(pod, "clef-agent")?.restartCount, 0);
      assert.equal(statusOf(pod, "app")?.restartCount, 0);
    }
    shop.plane.does(["delete", "deployment", "api", "-n", NAMESPACE, "--wait=false"]);
  });

  for (const [way, script] of Object.entries(SAYING)) {
    test(`delivers by ${way}, and a new value soon after the agent has it`, async (t) => {
      const value = way === "files" || way === "exec" ? (text: string) => text : ANSWER;
      const who = `${way}.app`;
      await shop.put(way, "one");
      await shop.pod(way, { environment: way, deliver: way }, shop.spec(script));
      await shop.eventually("it has the first value", () => shop.outside.first(who, value("one")));
      const changedAt = performance.now();
      await shop.put(way, "two");
      const next = await shop.eventually("it has the next value", () =>
        shop.outside.first(who, value("two")),
      );
      const fetchedAt = shop.outside.fetchedAt.get(way) ?? 0;
      t.diagnostic(
        `in the application ${since(changedAt, next.at)} after the artifact was new, ${since(fetchedAt, next.at)} after the agent fetched it`,
      );
      assert.deepEqual(shop.outside.by(who), [value("one"), value("two")]);
      const pod = await shop.one(way);
      assert.equal(statusOf(pod, "clef-agent")?.restartCount, 0);
      assert.equal(statusOf(pod, "app")?.restartCount, 0);
      shop.delete(way);
      await shop.ended(way);
    });
  }

  test("writes files once in the init container of a Job, which its container reads", async () => {
    await shop.put("once", "one");
    const mount = { name: "secrets", mountPath: "/run/clef-secrets" };
    const once = container("secrets", {
      image: IMAGE,
      command: ["clef-agent", "files", "--once"],
      env: [
        { name: "CLEF_AGENT_SOURCE", value: `${shop.outside.url}/artifacts/once` },
        { name: "CLEF_AGENT_VERIFY_KEY", value: VERIFY_KEY },
        {
          name: "CLEF_AGENT_AGE_KEY",
          valueFrom: { secretKeyRef: { name: "clef-agent-keys", key: "age.key" } },
        },
        { name: "CLEF_AGENT_FILES_DIR", value: mount.mountPath },
      ],
      volumeMounts: [mount],
    });
    const app = shop.shell("app", `say "$(cat ${mount.mountPath}/KEY)"`, { volumeMounts: [mount] });
    const spec = podSpec({
      restartPolicy: "Never",
      initContainers: [once],
      containers: [app],
      volumes: [{ name: "secrets", emptyDir: { medium: "Memory" } }],
    });
    const template = { metadata: { labels: { app: "once" } }, spec };
    const metadata = { name: "once" };
    shop.apply({ apiVersion: "batch/v1", kind: "Job", metadata, spec: { template } });
    await shop.eventually("the Job is complete", async () => {
      const job = await shop.plane.get(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/once`);
      return (job as { readonly status: { readonly succeeded?: number } }).status.succeeded === 1;
    });
    const { metadata: pod } = await shop.one("once");
    assert.deepEqual(shop.outside.by(`${pod.name}.app`), ["one"]);
  });

  test("runs a command by exec where the containers share their processes, as no process 1", async () => {
    await shop.put("shared", "one");
    const script = 'say "$KEY, process 1 is $(cat /proc/1/comm)"; exec sleep infinity';
    const spec = shop.spec(script, { shareProcessNamespace: true });
    await shop.pod("shared", { environment: "shared", deliver: "exec" }, spec);
    const said = await shop.eventually("it has the secret", () => shop.outside.by("shared.app")[0]);
    assert.equal(said, "one, process 1 is sleep");
    shop.delete("shared");
    await shop.ended("shared");
  });

  test("rolls a Deployment out, each pod with the secrets of that moment", async (t) => {
    await shop.put("rollout", "one");
    const app = "rollout";
    const template = {
      metadata: shop.metadata(app, { environment: "rollout" }),
      spec: shop.spec(SAYING.http),
    };
    const selector = { matchLabels: { app } };
    const spec = { replicas: 1, selector, template };
    shop.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: app }, spec });
    const saying = (value: string) =>
      shop.outside.said.find(({ who, what }) => who.startsWith(app) && what === ANSWER(value));
    await shop.eventually("the first pod has the secret", () => saying("one"));
    const [{ metadata: old } = { metadata: { name: "" } }] = await shop.pods(app);
    const startedAt = performance.now();
    shop.plane.does(["rollout", "restart", "deployment", app, "-n", NAMESPACE]);
    const next = await shop.eventually("the new pod has it", () =>
      shop.outside.said.find(({ who }) => who.startsWith(app) && who !== `${old.name}.app`),
    );
    t.diagnostic(`in the application ${since(startedAt, next.at)} after kubectl rollout`);
    assert.equal(next.what, ANSWER("one"));
    shop.plane.does(["delete", "deployment", app, "-n", NAMESPACE, "--wait=false"]);
  });

  test("runs the pods of a StatefulSet, a DaemonSet and a CronJob with an agent", async () => {
    await shop.put("kinds", "one");
    const script = SAYING.http;
    const of = (app: string, restartPolicy = "Always") => ({
      metadata: shop.metadata(app, { environment: "kinds" }),
      spec: shop.spec(script, { restartPolicy, terminationGracePeriodSeconds: 1 }),
    });
    const selected = (app: string) => ({ selector: { matchLabels: { app } }, template: of(app) });
    const job = { template: of("cronjob", "Never") };
    const workloads = [
      ["apps/v1", "StatefulSet", { serviceName: "none", ...selected("statefulset") }],
      ["apps/v1", "DaemonSet", selected("daemonset")],
      ["batch/v1", "CronJob", { schedule: "0 0 1 1 *", jobTemplate: { spec: job } }],
    ] as const;
    for (const [apiVersion, kind, spec] of workloads) {
      shop.apply({ apiVersion, kind, metadata: { name: kind.toLowerCase() }, spec });
    }
    shop.plane.does(["create", "job", "-n", NAMESPACE, "now", "--from=cronjob/cronjob"]);
    for (const [, kind] of workloads) {
      await shop.eventually(`the pod of a ${kind} has the secret`, async () => {
        const [pod] = await shop.pods(kind.toLowerCase());
        return pod !== undefined && shop.outside.first(`${pod.metadata.name}.app`, ANSWER("one"));
      });
    }
  });
});
