import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ROOT } from "../../scripts/run.ts";
import { ControlPlane, whyNoControlPlane } from "../support/kubernetes/control-plane.ts";
import { container, podSpec, type PodSpec } from "../support/kubernetes/pods.ts";
import { releaseAll, temporaryDirectory } from "../support/temporary.ts";

const skip = whyNoControlPlane() ?? false;
const KUBERNETES = path.join(ROOT, "deploy/kubernetes");

interface Templated {
  readonly template: { readonly spec: PodSpec };
}

describe("a Kubernetes API server", { skip }, () => {
  let plane: ControlPlane;
  const cleanUp: (() => unknown)[] = [];
  before(async () => {
    plane = await ControlPlane.start({ after: (release) => cleanUp.push(release) });
  });
  after(() => releaseAll(cleanUp));

  const folders = globSync("**/kustomization.yaml", { cwd: KUBERNETES })
    .map((file) => path.dirname(file))
    .filter((folder) => !/^(?:common|components|injector)/.test(folder));
  for (const folder of folders) {
    test(`takes deploy/kubernetes/${folder} where "restricted" is enforced, without a warning`, () => {
      const namespace = folder.replaceAll("/", "-");
      plane.restrictedNamespace(namespace);
      const where = ["-n", namespace, "-k", path.join(KUBERNETES, folder)];
      const { status, stderr } = plane.kubectl(["apply", ...where]);
      assert.equal(status, 0, stderr);
      // Pod Security only warns of a workload; it would refuse the pods.
      assert.doesNotMatch(stderr, /Warning/);
    });
  }

  test("takes workloads to which the component has added the agent, in one line of a kustomization", async (t) => {
    const folder = await temporaryDirectory(t);
    const component = path.relative(folder, path.join(KUBERNETES, "components/clef-agent"));
    const kustomization = `resources: [app.yaml]\ncomponents: [${component}]\n`;
    await writeFile(path.join(folder, "kustomization.yaml"), kustomization);
    const pod = podSpec({
      initContainers: [container("migrate")],
      containers: [container("api"), container("worker", { env: [{ name: "A", value: "b" }] })],
    });
    const template = (restartPolicy: string) => ({
      metadata: { labels: { app: "api" } },
      spec: { ...pod, restartPolicy },
    });
    const selector = { matchLabels: { app: "api" } };
    const workloads = [
      ["apps/v1", "Deployment", { selector, template: template("Always") }],
      ["apps/v1", "StatefulSet", { selector, serviceName: "api", template: template("Always") }],
      ["apps/v1", "DaemonSet", { selector, template: template("Always") }],
      ["batch/v1", "Job", { template: template("Never") }],
      [
        "batch/v1",
        "CronJob",
        { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: template("Never") } } },
      ],
    ] as const;
    const documents = workloads.map(([apiVersion, kind, spec]) =>
      JSON.stringify({ apiVersion, kind, metadata: { name: "api" }, spec }),
    );
    await writeFile(path.join(folder, "app.yaml"), documents.join("\n---\n"));
    plane.restrictedNamespace("component");
    const applied = plane.kubectl(["apply", "-n", "component", "-k", folder]);
    assert.equal(applied.status, 0, applied.stderr);
    assert.doesNotMatch(applied.stderr, /Warning/);
    for (const [, kind] of workloads) {
      const found = plane.does(["get", "-n", "component", kind, "api", "-o", "json"]);
      const { spec } = JSON.parse(found) as {
        spec: Templated & { jobTemplate?: { spec: Templated } };
      };
      const { template: made } = spec.jobTemplate?.spec ?? spec;
      const { initContainers = [], containers } = made.spec;
      assert.deepEqual(
        initContainers.map(({ name }) => name),
        ["clef-agent", "migrate"],
        kind,
      );
      for (const { name, env = [], volumeMounts = [] } of [...initContainers, ...containers]) {
        const token = env.find((one) => one.name === "CLEF_AGENT_TOKEN_FILE");
        assert.equal(token?.value, "/run/clef-agent/token", `${kind} ${name}`);
        assert.ok(volumeMounts.some(({ mountPath }) => mountPath === "/run/clef-agent"));
        const hasKey = volumeMounts.some(({ mountPath }) => mountPath.includes("keys"));
        assert.equal(hasKey, name === "clef-agent", "the key is the agent's alone");
      }
      assert.deepEqual(containers[1]?.env?.[0], { name: "A", value: "b" });
    }
  });
});
