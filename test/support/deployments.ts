import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

const DEPLOY = join(import.meta.dirname, "../../deploy");

/** The agent as one of the files in deploy/ runs it. */
export interface Deployment {
  /** The file, from deploy/. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Commands that the platform runs in the agent's container; their exit code is the answer. */
  readonly execProbes: readonly (readonly string[])[];
  /** Paths that the platform asks the probe listener for. */
  readonly httpProbes: readonly string[];
  readonly image: string | undefined;
  /** What the application is told of the agent. */
  readonly appEnv: Readonly<Record<string, string>>;
}

export function deployFile(file: string): string {
  return readFileSync(join(DEPLOY, file), "utf8");
}

/** The documents of a YAML file in deploy/. */
export function manifestsIn(file: string): readonly Manifest[] {
  return parseAllDocuments(deployFile(file)).map((document) => document.toJS() as Manifest);
}

export interface Probe {
  readonly exec?: { readonly command: readonly string[] };
  readonly httpGet?: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly enableServiceLinks: boolean;
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

export interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: PodSpec } };
}

/** The pod of a Deployment or a Job. */
export function podIn(file: string): PodSpec {
  const pod = manifestsIn(file)[0]?.spec?.template.spec;
  if (pod === undefined) throw new Error(`deploy/${file} begins with no workload`);
  return pod;
}

function kubernetes(file: string): Deployment {
  const pod = podIn(file);
  const [agent] = pod.initContainers;
  const [app] = pod.containers;
  if (agent === undefined || app === undefined) throw new Error(`${file} lacks a container`);
  const shared = manifestsIn("kubernetes/common/config.yaml")[0]?.data ?? {};
  const probes = [agent.startupProbe, agent.readinessProbe, agent.livenessProbe];
  return {
    file,
    // The kubelet puts the pod's address in.
    env: mapped({ ...shared, ...pairs(agent.env ?? []) }, (value) =>
      value.replace("$(POD_IP)", "127.0.0.1"),
    ),
    execProbes: probes.flatMap((probe) => (probe?.exec ? [probe.exec.command] : [])),
    httpProbes: probes.flatMap((probe) => (probe?.httpGet ? [probe.httpGet.path] : [])),
    image: agent.image,
    appEnv: pairs(app.env ?? []),
  };
}

interface EcsContainer {
  readonly name: string;
  readonly image: string;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly healthCheck?: { readonly command: readonly string[] };
}

function ecs(file: string): Deployment {
  const { containerDefinitions } = JSON.parse(deployFile(file)) as {
    containerDefinitions: readonly EcsContainer[];
  };
  const [agent, app] = containerDefinitions;
  if (agent === undefined || app === undefined) throw new Error(`${file} lacks a container`);
  return {
    file,
    env: { ...pairs(agent.environment ?? []), ...secretPairs(agent) },
    execProbes: [agent.healthCheck?.command.slice(1) ?? []],
    httpProbes: [],
    image: agent.image,
    appEnv: secretPairs(app),
  };
}

interface ComposeService {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

function compose(file: string): Deployment {
  const { services } = parse(deployFile(file)) as {
    services: Readonly<Record<string, ComposeService>>;
  };
  const agent = services["clef-agent"];
  return {
    file,
    env: agent?.environment ?? {},
    execProbes: [agent?.healthcheck?.test.slice(1) ?? []],
    httpProbes: [],
    image: agent?.image,
    appEnv: services["api"]?.environment ?? {},
  };
}

function systemd(file: string): Deployment {
  const lines = deployFile(file).split("\n");
  const values = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const [probe = ""] = values("ExecStartPost");
  return {
    file,
    env: {
      ...assignments(deployFile("systemd/clef-agent.env").split("\n")),
      ...assignments(values("Environment")),
    },
    execProbes: [/clef-agent healthcheck \w+/.exec(probe)?.[0].split(" ") ?? []],
    httpProbes: [],
    image: undefined,
    appEnv: {},
  };
}

const pairs = (
  list: readonly { readonly name: string; readonly value?: string }[],
): Record<string, string> => Object.fromEntries(list.map(({ name, value }) => [name, value ?? ""]));

const secretPairs = ({ secrets = [] }: EcsContainer): Record<string, string> =>
  Object.fromEntries(secrets.map(({ name, valueFrom }) => [name, valueFrom]));

const assignments = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

function mapped(
  env: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, change(value)]));
}

/** Every way of running the agent that deploy/ describes, but for Lambda, which has tests of its own. */
export const DEPLOYMENTS: readonly Deployment[] = [
  kubernetes("kubernetes/base/deployment.yaml"),
  kubernetes("kubernetes/job/job.yaml"),
  ecs("ecs/task-definition.json"),
  compose("compose/compose.yaml"),
  systemd("systemd/clef-agent.service"),
];
