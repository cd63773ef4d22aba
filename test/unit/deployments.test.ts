import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseConfig } from "../../src/config/parse-config.ts";
import { VERSION } from "../../src/version.ts";
import { AGE_IDENTITY } from "../support/artifacts.ts";
import { EXAMPLES } from "../support/exec/examples.ts";
import { DEPLOYMENTS, deployFile, manifestsIn, podIn } from "../support/deployments.ts";

const ROOT = join(import.meta.dirname, "../..");
const WORKLOADS = ["kubernetes/base/deployment.yaml", "kubernetes/job/job.yaml"] as const;

describe("the files in deploy/", () => {
  for (const { file, env, image, appEnv } of DEPLOYMENTS) {
    test(`${file}: the agent takes its configuration without a word`, async () => {
      const fits = { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, CLEF_AGENT_TOKEN: "a-long-enough-token" };
      const known = Object.entries(env).map(([name, value]) => [
        name,
        name in fits ? fits[name as keyof typeof fits] : value,
      ]);
      const config = await parseConfig(
        Object.fromEntries(known) as Record<string, string>,
        () => AGE_IDENTITY,
      );
      assert.deepEqual(config.warnings, []);
      assert.equal(config.verifyKeys.length, 1, "signatures are required");
      assert.deepEqual(config.expected, { identity: "api", environment: "production" });
    });

    test(`${file}: the image is the one of this version`, () => {
      if (image !== undefined) assert.equal(image.split(":").at(-1), VERSION);
    });

    test(`${file}: the application knows the agent's token as the agent does`, () => {
      for (const [name, value] of Object.entries(appEnv)) assert.equal(env[name], value);
    });
  }

  test("are all looked at: by Kubernetes' schema, the ECS model, the Compose schema, systemd, the recipes of files or monitoring.test.ts", () => {
    const files = globSync("**/*.{yaml,yml,json,service,env}", { cwd: join(ROOT, "deploy") });
    const unknown = files.filter(
      (file) =>
        !/^(kubernetes\/.*\.yaml|ecs\/task-definition\.json|(?:compose|exec)\/compose\.yaml|exec\/(?:kubernetes\.yaml|api\.service)|systemd\/.*|files\/.*|(?:grafana|otel-collector|prometheus)\/.*)$/.test(
          file,
        ),
    );
    assert.deepEqual(unknown, []);
  });

  for (const file of ["compose/compose.yaml", "exec/compose.yaml", "files/compose.yaml"]) {
    test(`${file} fits the Compose specification`, () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        ["node_modules/dclint/bin/dclint.cjs", "--quiet", "--no-color", `deploy/${file}`],
        { cwd: ROOT, encoding: "utf8" },
      );
      assert.equal(status, 0, stdout);
    });
  }

  for (const { file, env } of EXAMPLES) {
    test(`exec/${file}: the agent takes its configuration without a word`, async () => {
      // Where there is no token, exec makes one.
      const given = { ...env, CLEF_AGENT_TOKEN: "a-long-enough-token" };
      const config = await parseConfig(given, () => AGE_IDENTITY);
      assert.deepEqual(config.warnings, []);
      assert.equal(config.verifyKeys.length, 1, "signatures are required");
      assert.deepEqual(config.expected, { identity: "api", environment: "production" });
    });
  }

  test("exec/: the images are those of this version", () => {
    for (const file of ["Dockerfile", "copy.Dockerfile"]) {
      assert.match(
        deployFile(`exec/${file}`),
        new RegExp(`^FROM ghcr.io/clef-sh/agent:${VERSION} `, "m"),
      );
    }
  });
});

describe("every YAML file under kubernetes/", () => {
  for (const file of globSync("kubernetes/**/*.yaml", { cwd: join(ROOT, "deploy") })) {
    test(`${file} is an object of Kubernetes, or a Kustomization`, () => {
      for (const manifest of manifestsIn(file)) assert.equal(typeof manifest.kind, "string");
    });
  }
});

for (const file of WORKLOADS) {
  describe(`the pod in ${file}`, () => {
    const pod = podIn(file);
    const [agent] = pod.initContainers;
    const everyone = [...pod.initContainers, ...pod.containers];

    test("runs the agent as a native sidecar that the application waits for", () => {
      assert.equal(agent?.restartPolicy, "Always");
      assert.deepEqual(agent.startupProbe?.exec?.command, ["clef-agent", "healthcheck", "ready"]);
    });

    test("gives no container root, privileges or a file system to write to", () => {
      assert.equal(pod.securityContext["runAsNonRoot"], true);
      assert.deepEqual(pod.securityContext["seccompProfile"], { type: "RuntimeDefault" });
      for (const { name, securityContext } of everyone) {
        assert.deepEqual(
          securityContext,
          {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          name,
        );
      }
    });

    test("shares the token in memory, and the keys with nobody", () => {
      const token = pod.volumes.find(({ name }) => name === "clef-agent-token");
      assert.deepEqual(token?.["emptyDir"], { medium: "Memory", sizeLimit: "1Mi" });
      const withKeys = everyone.filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ name }) => name === "clef-agent-keys"),
      );
      assert.deepEqual(
        withKeys.map(({ name }) => name),
        ["clef-agent"],
      );
    });

    test("is not confused by a Service called clef-agent", () => {
      assert.equal(pod.enableServiceLinks, false);
    });
  });
}

test("the Deployment is probed on the port that its probe listener has", () => {
  const [agent] = podIn("kubernetes/base/deployment.yaml").initContainers;
  const [port] = agent?.ports ?? [];
  const listen = agent?.env?.find(({ name }) => name === "CLEF_AGENT_PROBE_LISTEN")?.value;
  assert.equal(listen, `[$(POD_IP)]:${port?.containerPort}`);
  assert.equal(agent?.readinessProbe?.httpGet?.port, port?.name);
  assert.equal(agent?.livenessProbe?.httpGet?.port, port?.name);
});

test("the probe listener can be told any pod's address in brackets, IPv4 too", async () => {
  for (const [text, host] of [
    ["[10.1.2.3]:7780", "10.1.2.3"],
    ["[fd00::1]:7780", "fd00::1"],
  ] as const) {
    const env = { CLEF_AGENT_SOURCE: "/x", CLEF_AGENT_PROBE_LISTEN: text };
    assert.deepEqual((await parseConfig(env, () => "")).probeListen, { host, port: 7780 });
  }
});

test("a secret never stands in an environment of deploy/", () => {
  for (const { file } of DEPLOYMENTS) assert.doesNotMatch(deployFile(file), /AGE-SECRET-KEY/);
});
