import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { freePort } from "../../../scripts/free-port.ts";
import { rememberSecret } from "../known-secrets.ts";
import { cached } from "../interop.ts";
import { eventually, type Lifetime, temporaryDirectory } from "../temporary.ts";

/** In the cache. */
export const FOLDER = "kubernetes-1.37.2";

/** Why no control plane can be started here, or undefined where it can. */
export function whyNoControlPlane(): string | undefined {
  const isMissing = ["etcd", "kube-apiserver", "kube-controller-manager"].some(
    (name) => cached(FOLDER, name) === undefined,
  );
  if (isMissing) return "no control plane is built on this machine: .ci/install-kubernetes";
  const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
  return kubectl ? undefined : "kubectl is not on this machine";
}

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Server {
  readonly kubeconfig: string;
  readonly port: number;
  readonly token: string;
}

/** A real API server over a real etcd, on ports of their own; nothing schedules or runs a pod. */
export class ControlPlane {
  readonly #context: Lifetime;
  readonly #folder: string;
  readonly #server: Server;
  #agent: Agent | undefined;

  private constructor(context: Lifetime, folder: string, server: Server) {
    this.#context = context;
    this.#folder = folder;
    this.#server = server;
  }

  static async start(context: Lifetime): Promise<ControlPlane> {
    const folder = await temporaryDirectory(context);
    const [store, peers, api] = [await freePort(), await freePort(), await freePort()];
    const address = `http://127.0.0.1:${store}`;
    await background(context, folder, "etcd", [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${address}`,
      `--advertise-client-urls=${address}`,
      `--listen-peer-urls=http://127.0.0.1:${peers}`,
      // It is thrown away afterwards.
      "--unsafe-no-fsync",
    ]);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(join(folder, "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
    await writeFile(join(folder, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
    const token = rememberSecret(randomBytes(16).toString("hex"));
    await writeFile(join(folder, "tokens.csv"), `${token},admin,admin,"system:masters"\n`);
    const issuer = "https://kubernetes.default.svc";
    await background(context, folder, "kube-apiserver", [
      `--etcd-servers=${address}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      "--endpoint-reconciler-type=none",
      `--secure-port=${api}`,
      `--cert-dir=${join(folder, "certificates")}`,
      "--service-cluster-ip-range=10.98.0.0/24",
      `--service-account-issuer=${issuer}`,
      `--api-audiences=${issuer}`,
      `--service-account-signing-key-file=${join(folder, "sa.key")}`,
      `--service-account-key-file=${join(folder, "sa.pub")}`,
      `--token-auth-file=${join(folder, "tokens.csv")}`,
      "--authorization-mode=RBAC",
      // Pods need the account "default" otherwise, which a controller makes that does not run here.
      "--disable-admission-plugins=ServiceAccount",
    ]);
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: "test",
            cluster: { server: `https://127.0.0.1:${api}`, "insecure-skip-tls-verify": true },
          },
        ],
        users: [{ name: "admin", user: { token } }],
        contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
        "current-context": "test",
      }),
    );
    const plane = new ControlPlane(context, folder, { kubeconfig, port: api, token });
    const isReady = (): boolean => plane.kubectl(["get", "--raw", "/readyz"]).status === 0;
    await eventually("the API server is ready", isReady, 60_000);
    return plane;
  }

  /** From now on workloads make their pods, which stay pending. */
  async startControllers(): Promise<void> {
    await background(this.#context, this.#folder, "kube-controller-manager", [
      `--kubeconfig=${this.kubeconfig}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${await freePort()}`,
      `--cert-dir=${join(this.#folder, "certificates")}`,
      "--use-service-account-credentials=false",
    ]);
  }

  get kubeconfig(): string {
    return this.#server.kubeconfig;
  }

  /**
   * What is at a path of the API, such as `/api/v1/namespaces/shop/pods`: without a program in between, so
   * that it may be asked again and again while others need the machine.
   */
  async get(path: string): Promise<unknown> {
    return json(await this.#ask("GET", path));
  }

  /**
   * Puts a new object there, while this process goes on: it may be the webhook that has to be asked.
   *
   * @returns the object as it was made, or the API server's message.
   */
  async create(path: string, object: object): Promise<unknown> {
    const response = await this.#ask("POST", path, JSON.stringify(object));
    const answer = await json(response);
    return response.statusCode === 201 ? answer : String((answer as { message: unknown }).message);
  }

  async #ask(method: string, path: string, body = ""): Promise<IncomingMessage> {
    const { port, token } = this.#server;
    this.#agent ??= new Agent({
      keepAlive: true,
      ca: await readFile(join(this.#folder, "certificates/apiserver.crt")),
    });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const options = { host: "127.0.0.1", port, path, method, headers, agent: this.#agent };
    const sent = request(options).end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return response;
  }

  kubectl(args: readonly string[], input?: string): Answer {
    return spawnSync("kubectl", args, {
      encoding: "utf8",
      // With a home of its own, as it keeps a cache there.
      env: { PATH: process.env["PATH"], HOME: this.#folder, KUBECONFIG: this.kubeconfig },
      maxBuffer: 64 * 1024 * 1024,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** The same, of which nothing may fail. */
  does(args: readonly string[], input?: string): string {
    const { status, stdout, stderr } = this.kubectl(args, input);
    if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** A namespace in which Pod Security's strictest profile is enforced. */
  restrictedNamespace(name: string): void {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    this.does(["create", "-f", "-"], JSON.stringify(namespace));
  }
}

/** Starts a program of the control plane, which ends with the test; its log is in the folder. */
export async function background(
  context: Lifetime,
  folder: string,
  name: string,
  args: readonly string[],
  program: string = cached(FOLDER, name) ?? "",
): Promise<void> {
  const log = await open(join(folder, `${name}.log`), "w");
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", log.fd, log.fd] });
  await once(child, "spawn");
  await log.close();
  context.after(async () => {
    const ended = once(child, "exit");
    if (child.exitCode !== null) return;
    child.kill("SIGKILL");
    await ended;
  });
}
