import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { AGE_IDENTITY, pack, revocation, VERIFY_KEY } from "../support/artifacts.ts";
import { GATEWAY, IMAGE } from "../support/kubernetes/containerd.ts";
import { ControlPlane } from "../support/kubernetes/control-plane.ts";
import { INJECT, INJECTOR, injectorHolds } from "../support/kubernetes/injector.ts";
import { type Node, startNode, whyNoNode } from "../support/kubernetes/node.ts";
import { container, podSpec } from "../support/kubernetes/pods.ts";
import { story } from "../support/kubernetes/story.ts";
import { eventually } from "../support/temporary.ts";

const skip = whyNoNode() ?? false;
const NAMESPACE = "shop";

let plane: ControlPlane;
let node: Node;
let artifact = "";
const cleanUp: (() => unknown)[] = [];

const apply = (object: object): string =>
  plane.does(["apply", "-n", NAMESPACE, "-f", "-"], JSON.stringify(object));

const get = (kind: string, name: string, field: string): string =>
  plane.kubectl(["get", kind, name, "-n", NAMESPACE, "-o", `jsonpath={${field}}`]).stdout;

/** Waits, and tells what happened to the pods if it was in vain. */
async function happens(what: string, check: () => boolean): Promise<void> {
  try {
    await eventually(what, check, 90_000, 200);
  } catch (cause) {
    const told = await story(plane, node, NAMESPACE);
    throw new Error(`${String(cause)}\n${told}`, { cause });
  }
}

/** An origin that pods reach over the node's bridge. */
async function startOrigin(): Promise<string> {
  const server = createServer((_request, response) => response.end(artifact));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${GATEWAY}:${(server.address() as AddressInfo).port}/artifact.json`;
}

const METADATA = { labels: { ...INJECT, app: "api" } };
const ASK =
  'curl -s -S --fail-with-body -H "Authorization: Bearer $(cat $CLEF_AGENT_TOKEN_FILE)" http://127.0.0.1:7779/v1/secrets/KEY';

describe("a real kubelet", { skip }, () => {
  before(async () => {
    const lifetime = { after: (release: () => unknown) => cleanUp.push(release) };
    plane = await ControlPlane.start(lifetime);
    await plane.startControllers();
    node = await startNode(lifetime, plane);
    const source = await startOrigin();
    artifact = await pack({ signed: true });
    plane.restrictedNamespace(NAMESPACE);
    plane.does(["apply", "-k", INJECTOR]);
    const data = {
      CLEF_AGENT_SOURCE: source,
      CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
      CLEF_AGENT_IDENTITY: "api-gateway",
      CLEF_AGENT_ENVIRONMENT: "production",
      CLEF_AGENT_CACHE_TTL: "30",
      "key-secret": "clef-agent-keys",
      image: IMAGE,
    };
    apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "clef-agent" }, data });
    const stringData = { "age.key": AGE_IDENTITY };
    apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "clef-agent-keys" }, stringData });
    await injectorHolds(plane, NAMESPACE);
  });
  after(async () => {
    for (const step of cleanUp.toReversed()) await step();
  });

  test("completes a Job whose init container and container read a secret from an injected agent", async (t) => {
    const command = ["sh", "-c", ASK];
    const spec = podSpec({
      restartPolicy: "Never",
      initContainers: [container("first", { image: IMAGE, command })],
      containers: [container("migrate", { image: IMAGE, command })],
    });
    const startedAt = performance.now();
    const template = { metadata: METADATA, spec };
    const job = { backoffLimit: 0, template };
    apply({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "migrate" }, spec: job });
    await happens("it has ended", () => {
      // One that failed is not tried again, and needs no more waiting.
      if (get("job", "migrate", ".status.failed") === "1") throw new Error("a container failed");
      return get("job", "migrate", ".status.succeeded") === "1";
    });
    t.diagnostic(`complete after ${Math.round(performance.now() - startedAt)} ms`);
    assert.equal(get("job", "migrate", ".status.failed"), "");
    plane.does(["delete", "job", "migrate", "-n", NAMESPACE, "--cascade=foreground"]);
  });

  test("takes a Deployment out of service on revocation, and back, without a restart", async (t) => {
    const spec = podSpec({
      containers: [container("api", { image: IMAGE, command: ["sleep", "infinity"] })],
    });
    const template = { metadata: METADATA, spec: { ...spec, terminationGracePeriodSeconds: 2 } };
    const deployment = { replicas: 2, selector: { matchLabels: { app: "api" } }, template };
    const startedAt = performance.now();
    apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "api" },
      spec: deployment,
    });
    const ready = (): string => get("deployment", "api", ".status.readyReplicas");
    await happens("both are ready", () => ready() === "2");
    t.diagnostic(`ready after ${Math.round(performance.now() - startedAt)} ms`);
    artifact = revocation();
    await happens("none is ready", () => ready() === "");
    artifact = await pack({ signed: true });
    await happens("both are ready again", () => ready() === "2");
    const restarts = plane.does([
      "get",
      "pods",
      "-n",
      NAMESPACE,
      "-l",
      "app=api",
      "-o",
      "jsonpath={.items[*].status.initContainerStatuses[?(@.name=='clef-agent')].restartCount}",
    ]);
    assert.match(restarts, /^[0 ]+$/);
    plane.does([
      "delete",
      "deployment",
      "api",
      "-n",
      NAMESPACE,
      "--cascade=foreground",
      "--timeout=60s",
    ]);
  });
});
