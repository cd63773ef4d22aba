import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ControlPlane } from "./control-plane.ts";
import type { Node } from "./node.ts";
import type { PodStatus } from "./statuses.ts";

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
}

/** What happened in a namespace, for whoever reads that a test failed: pods, events, the ends of logs. */
export async function story(plane: ControlPlane, node: Node, namespace: string): Promise<string> {
  const at = `/api/v1/namespaces/${namespace}`;
  const pods = ((await plane.get(`${at}/pods`)) as { readonly items?: readonly PodStatus[] }).items;
  const events = ((await plane.get(`${at}/events`)) as { readonly items?: readonly Event[] }).items;
  const logs = globSync(`${namespace}_*/*/*.log`, { cwd: node.logs });
  return [
    ...(pods ?? []).map(
      ({ metadata, status }) =>
        `pod ${metadata.name}: ${status.phase} ${JSON.stringify(
          [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
            ({ name, ready, restartCount, state }) => ({ name, ready, restartCount, state }),
          ),
        )}`,
    ),
    ...(events ?? []).map(
      ({ involvedObject: { kind, name }, reason, message, count }) =>
        `event ${kind} ${name}: ${reason}${count === undefined ? "" : ` ×${count}`}: ${message}`,
    ),
    ...logs.map((file) => `log ${file}:\n${lastLines(path.join(node.logs, file))}`),
  ].join("\n");
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-15).join("\n");
}
