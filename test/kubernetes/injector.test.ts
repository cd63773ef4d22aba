import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type Answer,
  ControlPlane,
  whyNoControlPlane,
} from "../support/kubernetes/control-plane.ts";
import { INJECT, INJECTOR } from "../support/kubernetes/injector.ts";
import { startMesh, startMeshPolicy } from "../support/kubernetes/mesh.ts";
import { container, envOf, type Pod, podSpec, type PodSpec } from "../support/kubernetes/pods.ts";
import { eventually, releaseAll } from "../support/temporary.ts";

const skip = whyNoControlPlane() ?? false;
/** One namespace has the ConfigMap, one has not. */
const WITH = "with";
const WITHOUT = "without";

let plane: ControlPlane;
const cleanUp: (() => unknown)[] = [];
const lifetime = { after: (release: () => unknown) => cleanUp.push(release) };

/** What the API server would make of a pod, or why it refuses it; nothing is stored. */
function create(namespace: string, pod: Pod): Answer & { readonly pod: Pod | undefined } {
  const object = { apiVersion: "v1", kind: "Pod", ...pod };
  const args = ["create", "-n", namespace, "--dry-run=server", "-o", "json", "-f", "-"];
  const answer = plane.kubectl(args, JSON.stringify(object));
  return { ...answer, pod: answer.status === 0 ? (JSON.parse(answer.stdout) as Pod) : undefined };
}

function labelled(annotations: Readonly<Record<string, string>> = {}, spec = podSpec()): Pod {
  const named = Object.entries(annotations).map(([name, value]): [string, string] => [
    `agent.clef.sh/${name}`,
    value,
  ]);
  return {
    metadata: { name: "api", labels: INJECT, annotations: Object.fromEntries(named) },
    spec,
  };
}

/** The pod as it is after an injection that must succeed. */
function injected(annotations?: Readonly<Record<string, string>>, spec?: PodSpec): PodSpec {
  const { pod, stderr } = create(WITH, labelled(annotations, spec));
  assert.ok(pod !== undefined, stderr);
  return pod.spec;
}

describe("the injector", { skip }, () => {
  before(async () => {
    plane = await ControlPlane.start(lifetime);
    plane.restrictedNamespace(WITH);
    plane.restrictedNamespace(WITHOUT);
    plane.does(["apply", "-k", INJECTOR]);
    plane.does(["apply", "-n", WITH, "-k", path.join(INJECTOR, "namespace")]);
    await eventually("the policy holds", () => create(WITHOUT, labelled()).status !== 0, 30_000);
    await eventually("its ConfigMap is known", () => create(WITH, labelled()).status === 0, 30_000);
  });
  after(() => releaseAll(cleanUp));

  test("of 40 pods changes those with the label where the ConfigMap is, refuses those where it is not, and leaves all others alone", () => {
    for (let index = 0; index < 20; index++) {
      const isLabelled = index % 2 === 0;
      const pod: Pod = {
        metadata: { name: `api-${index}`, labels: isLabelled ? INJECT : { app: "api" } },
        spec: podSpec(),
      };
      const there = create(WITH, pod);
      const names = there.pod?.spec.initContainers?.map(({ name }) => name);
      assert.deepEqual(names, isLabelled ? ["clef-agent"] : undefined, there.stderr);
      const missing = create(WITHOUT, pod);
      assert.equal(missing.status === 0, !isLabelled);
      if (isLabelled)
        assert.match(
          missing.stderr,
          /the namespace without has no ConfigMap clef-agent, .*; create it/,
        );
      else assert.equal(missing.pod?.spec.initContainers, undefined);
    }
  });

  test("puts a native sidecar first, and tells every other container where it is", () => {
    const { initContainers = [], containers } = injected(
      {},
      podSpec({
        initContainers: [container("mesh", { restartPolicy: "Always" }), container("migrate")],
        containers: [container("api"), container("worker", { env: [{ name: "A", value: "b" }] })],
      }),
    );
    assert.deepEqual(
      initContainers.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [
        ["clef-agent", "Always"],
        ["mesh", "Always"],
        ["migrate", undefined],
      ],
    );
    for (const one of [...initContainers, ...containers]) {
      assert.equal(envOf(one)["CLEF_AGENT_TOKEN_FILE"], "/run/clef-agent/token", one.name);
    }
    assert.deepEqual(containers[1]?.env?.[0], { name: "A", value: "b" });
    const [agent] = initContainers;
    assert.equal(agent?.securityContext?.["runAsUser"], 1000, "the user that reads its token");
    const withKey = [...initContainers, ...containers].filter(({ volumeMounts = [] }) =>
      volumeMounts.some(({ name }) => name === "clef-agent-keys"),
    );
    assert.deepEqual(
      withKey.map(({ name }) => name),
      ["clef-agent"],
    );
  });

  test("gives only the containers that are named what it gives", () => {
    const spec = podSpec({ containers: [container("api"), container("logs")] });
    const { containers } = injected({ containers: "api" }, spec);
    assert.deepEqual(
      containers.map((one) => Object.keys(envOf(one))),
      [["CLEF_AGENT_TOKEN_FILE"], []],
    );
    const unknown = create(WITH, labelled({ containers: "api, nope" }, spec));
    assert.match(
      unknown.stderr,
      /agent\.clef\.sh\/containers names nope, and the pod has no such container/,
    );
  });

  test("serves whom the pod names, from the ConfigMap's source", () => {
    const env = envOf(injected({ identity: "web", environment: "staging" }).initContainers?.[0]);
    assert.equal(env["CLEF_AGENT_IDENTITY"], "web");
    assert.equal(env["CLEF_AGENT_ENVIRONMENT"], "staging");
    assert.equal(env["CLEF_AGENT_SOURCE"], "https://artifacts.example.com/web/staging.age.json");
    const own = envOf(injected().initContainers?.[0]);
    assert.equal(own["CLEF_AGENT_SOURCE"], "https://artifacts.example.com/api/production.age.json");
  });

  test("delivers over a socket, and opens no port then", () => {
    const { initContainers, containers } = injected({ deliver: "socket" });
    const agent = envOf(initContainers?.[0]);
    assert.equal(agent["CLEF_AGENT_PORT"], "none");
    assert.equal(agent["CLEF_AGENT_TOKEN_FILE"], undefined);
    assert.equal(envOf(containers[0])["CLEF_AGENT_SOCKET"], agent["CLEF_AGENT_SOCKET"]);
  });

  test("delivers files in memory that the application can only read", () => {
    const { initContainers, containers, volumes = [] } = injected({ deliver: "files" });
    const folder = envOf(initContainers?.[0])["CLEF_AGENT_FILES_DIR"];
    const mount = containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === folder);
    assert.deepEqual(mount, { name: "clef-agent-files", mountPath: folder, readOnly: true });
    const volume = volumes.find(({ name }) => name === "clef-agent-files");
    assert.deepEqual(volume, {
      name: "clef-agent-files",
      emptyDir: { medium: "Memory", sizeLimit: "16Mi" },
    });
    assert.deepEqual(envOf(containers[0]), {}, "neither token nor socket");
  });

  test("delivers by exec, in front of the container's own command", () => {
    const command = ["/srv/api", "--port=80"];
    const spec = podSpec({ containers: [container("api", { command }), container("logs")] });
    const { containers } = injected({ deliver: "exec", containers: "api" }, spec);
    assert.deepEqual(containers[0]?.command, ["clef-agent", "exec", "--agent", "--", ...command]);
    assert.equal(containers[1]?.command, undefined);
    const refused = create(WITH, labelled({ deliver: "exec" }, spec));
    assert.match(refused.stderr, /exec needs a command in the container logs/);
  });

  test("delivers in several ways at once", () => {
    const { initContainers } = injected({ deliver: "http, socket, files" });
    const env = envOf(initContainers?.[0]);
    assert.equal(env["CLEF_AGENT_PORT"], undefined);
    for (const name of ["TOKEN_FILE", "SOCKET", "FILES_DIR"]) assert.ok(env[`CLEF_AGENT_${name}`]);
  });

  test("refuses a way that there is not, and says which there are", () => {
    const { stderr } = create(WITH, labelled({ deliver: "http,sockets" }));
    assert.match(
      stderr,
      /agent\.clef\.sh\/deliver is http,sockets; it is a list of http, socket, files and exec/,
    );
  });

  test("does nothing to a pod that it has injected already", () => {
    for (const deliver of ["http", "http,socket,files", "exec"]) {
      const spec = podSpec({ containers: [container("api", { command: ["/srv/api"] })] });
      const once = injected({ deliver }, spec);
      assert.deepEqual(injected({ deliver }, once), once, deliver);
    }
  });

  for (const [what, start] of [
    ["a webhook", startMesh],
    ["another policy", startMeshPolicy],
  ] as const) {
    test(`lets ${what} put a mesh's sidecar in front of the agent, and does nothing twice`, async () => {
      const name = `mesh-of-${what.replaceAll(" ", "-")}`;
      await start(lifetime, plane, container(name, { restartPolicy: "Always" }));
      const pod = labelled({}, podSpec({ initContainers: [container("migrate")] }));
      const metadata = { ...pod.metadata, labels: { ...INJECT, mesh: name } };
      const pods = `/api/v1/namespaces/${WITH}/pods?dryRun=All`;
      const { initContainers = [], volumes = [] } = await eventually(
        "the mesh is there",
        async () => {
          const made = await plane.create(pods, { ...pod, metadata });
          if (typeof made === "string") throw new Error(made);
          const { spec } = made as Pod;
          return spec.initContainers?.some((one) => one.name === name) === true && spec;
        },
        30_000,
      );
      const names = initContainers.map((one) => one.name).filter((one) => one !== "clef-agent");
      assert.deepEqual(names, [name, "migrate"]);
      assert.equal(initContainers.length, 3, "one agent");
      assert.equal(volumes.filter((one) => one.name.startsWith("clef-agent")).length, 2);
      const { env = [] } = initContainers.find((one) => one.name === "migrate") ?? {};
      assert.equal(env.filter((one) => one.name === "CLEF_AGENT_TOKEN_FILE").length, 1);
      // Webhooks come after all policies, so what it puts first is first.
      if (start === startMesh) assert.equal(initContainers[0]?.name, name);
    });
  }

  test("reaches the pods of every kind of workload", async () => {
    await plane.startControllers();
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node" } };
    plane.does(["create", "-f", "-"], JSON.stringify(node));
    const template = (kind: string, restartPolicy: string): object => ({
      metadata: { labels: { ...INJECT, kind } },
      spec: podSpec({ restartPolicy }),
    });
    const selected = (kind: string): object => ({
      selector: { matchLabels: { kind } },
      template: template(kind, "Always"),
    });
    const job = { template: template("CronJob", "Never") };
    const workloads = [
      ["apps/v1", "Deployment", selected("Deployment")],
      ["apps/v1", "StatefulSet", { serviceName: "api", ...selected("StatefulSet") }],
      ["apps/v1", "DaemonSet", selected("DaemonSet")],
      ["batch/v1", "Job", { template: template("Job", "Never") }],
      ["batch/v1", "CronJob", { schedule: "0 0 1 1 *", jobTemplate: { spec: job } }],
    ] as const;
    for (const [apiVersion, kind, spec] of workloads) {
      const object = { apiVersion, kind, metadata: { name: "api" }, spec };
      plane.does(["create", "-n", WITH, "-f", "-"], JSON.stringify(object));
    }
    plane.does(["create", "job", "-n", WITH, "from-cron", "--from=cronjob/api"]);
    for (const [, kind] of workloads) {
      const args = ["get", "pods", "-n", WITH, "-l", `kind=${kind}`, "-o", "json"];
      const pod = await eventually(
        `a pod of a ${kind}`,
        () => {
          const { items } = JSON.parse(plane.does(args)) as { readonly items: readonly Pod[] };
          return items[0];
        },
        30_000,
      );
      assert.equal(pod.spec.initContainers?.[0]?.name, "clef-agent", kind);
    }
  });
});
