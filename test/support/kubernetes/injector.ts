import path from "node:path";
import { eventually } from "../temporary.ts";
import { ROOT } from "../interop.ts";
import type { ControlPlane } from "./control-plane.ts";
import { podSpec } from "./pods.ts";

export const INJECTOR: string = path.join(ROOT, "deploy/kubernetes/injector");
export const INJECT = { "agent.clef.sh/inject": "true" } as const;

/**
 * Waits until the API server injects in a namespace: it follows a new policy and a new ConfigMap by itself,
 * and a pod that is made before stays as it is.
 */
export async function injectorHolds(plane: ControlPlane, namespace: string): Promise<void> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "first", labels: INJECT },
    spec: podSpec(),
  };
  const args = ["create", "-n", namespace, "--dry-run=server", "-o", "json", "-f", "-"];
  await eventually(
    "the injector holds",
    () => plane.kubectl(args, JSON.stringify(pod)).stdout.includes("CLEF_AGENT_TOKEN_FILE"),
    30_000,
  );
}
