import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { certificateFor } from "../certificate.ts";
import type { Lifetime } from "../temporary.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Container } from "./pods.ts";

interface Review {
  readonly request: {
    readonly uid: string;
    readonly object: { readonly spec: { readonly initContainers?: readonly Container[] } };
  };
}

const RULE = {
  apiGroups: [""],
  apiVersions: ["v1"],
  operations: ["CREATE"],
  resources: ["pods"],
} as const;
const API = "admissionregistration.k8s.io/v1";

/**
 * A webhook that puts a sidecar in front of all others of a pod whose label `mesh` has its name, once, as
 * that of a mesh does. Admission policies come before webhooks, and may be asked again after them.
 */
export async function startMesh(
  context: Lifetime,
  plane: ControlPlane,
  sidecar: Container,
): Promise<void> {
  const certificate = certificateFor(["127.0.0.1"]);
  const server = createServer(certificate, (request, response) => {
    void json(request).then((review) => {
      const { uid, object } = (review as Review).request;
      const { initContainers = [] } = object.spec;
      const isThere = initContainers.some(({ name }) => name === sidecar.name);
      const all = isThere ? initContainers : [sidecar, ...initContainers];
      const patch = [{ op: "add", path: "/spec/initContainers", value: all }];
      const answer = {
        uid,
        allowed: true,
        patchType: "JSONPatch",
        patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
      };
      const kind = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...kind, response: answer }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const webhook = {
    name: `${sidecar.name}.example.com`,
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    reinvocationPolicy: "IfNeeded",
    objectSelector: { matchLabels: { mesh: sidecar.name } },
    rules: [RULE],
    clientConfig: {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      caBundle: Buffer.from(certificate.cert).toString("base64"),
    },
  };
  const object = {
    apiVersion: API,
    kind: "MutatingWebhookConfiguration",
    metadata: { name: sidecar.name },
    webhooks: [webhook],
  };
  plane.does(["apply", "-f", "-"], JSON.stringify(object));
}

/** The same by a policy, which the API server asks before or after the injector's, as it likes. */
export function startMeshPolicy(
  _context: Lifetime,
  plane: ControlPlane,
  { name, image }: Container,
): void {
  const value = `Object.spec.initContainers{name: "${name}", image: "${image}", restartPolicy: "Always",
    securityContext: Object.spec.initContainers.securityContext{allowPrivilegeEscalation: false,
      capabilities: Object.spec.initContainers.securityContext.capabilities{drop: ["ALL"]}}}`;
  const expression = `has(object.spec.initContainers)
    ? [JSONPatch{op: "add", path: "/spec/initContainers/0", value: ${value}}]
    : [JSONPatch{op: "add", path: "/spec/initContainers", value: [${value}]}]`;
  const policy = {
    apiVersion: API,
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "IfNeeded",
      matchConstraints: {
        resourceRules: [RULE],
        objectSelector: { matchLabels: { mesh: name } },
      },
      matchConditions: [
        {
          name: "not-yet",
          expression: `!object.spec.?initContainers.orValue([]).exists(c, c.name == "${name}")`,
        },
      ],
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
    },
  };
  const binding = {
    apiVersion: API,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name },
  };
  for (const object of [policy, binding]) plane.does(["apply", "-f", "-"], JSON.stringify(object));
}
