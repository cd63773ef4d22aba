import { AGE_IDENTITY, pack, VERIFY_KEY } from "../artifacts.ts";
import { eventually, type Lifetime } from "../temporary.ts";
import { ControlPlane } from "./control-plane.ts";
import { INJECT, INJECTOR, injectorHolds } from "./injector.ts";
import { IMAGE } from "./containerd.ts";
import { type Node, startNode } from "./node.ts";
import { Outside } from "./outside.ts";
import { type Container, container, type PodSpec, podSpec } from "./pods.ts";
import { type PodStatus, statusOf } from "./statuses.ts";
import { story } from "./story.ts";

export const NAMESPACE = "shop";
const IDENTITY = "api-gateway";
const FINALIZER = "example.com/kept-for-the-test";

/** What the agent of a pod is to do, beside serving its environment. */
export interface Asked {
  readonly environment: string;
  readonly deliver?: string;
  /** The mesh whose webhook is to find it. */
  readonly mesh?: string;
}

/** A namespace with the injector on a node that runs pods, and all that there is outside of them. */
export class Shop {
  readonly plane: ControlPlane;
  readonly node: Node;
  readonly outside: Outside;

  private constructor(plane: ControlPlane, node: Node, outside: Outside) {
    this.plane = plane;
    this.node = node;
    this.outside = outside;
  }

  static async open(context: Lifetime): Promise<Shop> {
    const plane = await ControlPlane.start(context);
    await plane.startControllers();
    const node = await startNode(context, plane);
    const outside = await Outside.start(context);
    plane.restrictedNamespace(NAMESPACE);
    plane.does(["apply", "-k", INJECTOR]);
    const shop = new Shop(plane, node, outside);
    const data = {
      CLEF_AGENT_SOURCE: `${outside.url}/artifacts/{environment}`,
      CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
      CLEF_AGENT_IDENTITY: IDENTITY,
      CLEF_AGENT_CACHE_TTL: "30",
      "key-secret": "clef-agent-keys",
      image: IMAGE,
    };
    shop.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "clef-agent" }, data });
    const stringData = { "age.key": AGE_IDENTITY };
    const metadata = { name: "clef-agent-keys" };
    shop.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
    await injectorHolds(plane, NAMESPACE);
    return shop;
  }

  apply(object: object): void {
    this.plane.does(["apply", "-n", NAMESPACE, "-f", "-"], JSON.stringify(object));
  }

  /** From now on an environment has one secret, KEY, of this value. */
  async put(environment: string, value: string): Promise<void> {
    const secrets = { KEY: value };
    this.outside.put(environment, await pack({ environment, secrets, signed: true }));
  }

  /** Makes a pod with an injected agent, of which the API server keeps the last status until `ended`. */
  async pod(name: string, asked: Asked, spec: PodSpec): Promise<void> {
    const metadata = { name, finalizers: [FINALIZER], ...this.metadata(name, asked) };
    const made = await this.plane.create(`/api/v1/namespaces/${NAMESPACE}/pods`, {
      metadata,
      spec,
    });
    if (typeof made === "string") throw new Error(made);
  }

  /** Deletes such a pod. */
  delete(name: string): void {
    this.plane.does(["delete", "pod", name, "-n", NAMESPACE, "--wait=false"]);
  }

  /** The last status of such a pod, once it is deleted and nothing of it is left on the node. */
  async ended(name: string): Promise<PodStatus> {
    const last = await this.eventually(`${name} has ended`, async () => {
      const pod = await this.one(name);
      // The kubelet asks for this when it has cleaned up.
      return pod.metadata.deletionGracePeriodSeconds === 0 && pod;
    });
    const patch = JSON.stringify({ metadata: { finalizers: null } });
    this.plane.does(["patch", "pod", name, "-n", NAMESPACE, "--type=merge", "-p", patch]);
    await this.eventually(`${name} is gone`, async () => (await this.pods(name)).length === 0);
    return last;
  }

  /** Of a pod, or of the template of one. */
  metadata(app: string, { environment, deliver, mesh }: Asked): object {
    return {
      labels: { ...INJECT, app, ...(mesh === undefined ? {} : { mesh }) },
      annotations: {
        "agent.clef.sh/environment": environment,
        ...(deliver === undefined ? {} : { "agent.clef.sh/deliver": deliver }),
      },
    };
  }

  /** A container in which a shell runs a script, with `say WORDS` for what the test is to hear. */
  shell(name: string, script: string, more: Partial<Container> = {}): Container {
    const say = `say() { curl -s -m 5 --data-binary "$*" ${this.outside.url}/say/$WHO; }`;
    const fieldRef = { fieldPath: "metadata.name" };
    return container(name, {
      image: IMAGE,
      command: ["sh", "-c", `${say}\n${script}`],
      env: [
        { name: "POD", valueFrom: { fieldRef } },
        { name: "WHO", value: `$(POD).${name}` },
      ],
      ...more,
    });
  }

  /** A pod's specification with one such container, called app. */
  spec(script: string, more: Partial<PodSpec> = {}): PodSpec {
    return podSpec({
      containers: [this.shell("app", script)],
      terminationGracePeriodSeconds: 5,
      ...more,
    });
  }

  /** The pods of an application. */
  async pods(app: string): Promise<readonly PodStatus[]> {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app%3D${app}`;
    const { items } = (await this.plane.get(path)) as { readonly items: readonly PodStatus[] };
    return items;
  }

  /** The only pod of an application. */
  async one(app: string): Promise<PodStatus> {
    const [pod, ...others] = await this.pods(app);
    if (pod === undefined || others.length > 0) throw new Error(`not one pod of ${app}`);
    return pod;
  }

  /** Sends a signal to the first process of a pod's container. */
  async kill(app: string, name: string, signal: NodeJS.Signals): Promise<void> {
    const status = statusOf(await this.one(app), name);
    process.kill(this.node.processOf(status?.containerID ?? "?"), signal);
  }

  /** Waits, and tells what happened if it was in vain. */
  async eventually<Value>(
    what: string,
    check: () => Value | undefined | false | Promise<Value | undefined | false>,
    withinMs = 120_000,
  ): Promise<Value> {
    try {
      return await eventually(what, check, withinMs, 50);
    } catch (cause) {
      const told = await story(this.plane, this.node, NAMESPACE);
      throw new Error(`${String(cause)}\n${told}`, { cause });
    }
  }
}
