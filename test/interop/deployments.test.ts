import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { kustomize, pythonWith, ROOT, run } from "../support/interop.ts";

const python = pythonWith("kubernetes_validate", "yaml");
const botocore = pythonWith("botocore");
const build = kustomize();
const noPython = python === undefined && "kubernetes-validate is missing: .ci/install-interop";
const noKustomize = build === undefined && "neither kubectl nor kustomize is on this machine";
const noBotocore = botocore === undefined && "botocore is missing: .ci/install-interop";
const noSystemd =
  run("systemd-analyze", ["--version"]).status !== 0 && "systemd-analyze is not on this machine";

/** Validates what it reads against the published schemas, in which nothing else is allowed. */
const VALIDATE = `
import sys, yaml, kubernetes_validate
for manifest in yaml.safe_load_all(sys.stdin):
    kubernetes_validate.validate(manifest, sys.argv[1], strict=True)
    print(manifest["kind"])
`;
/** The oldest version with native sidecars on by default, and the newest that is known. */
const VERSIONS = ["1.29", "1.37"] as const;

function validate(manifests: string, version: string): ReturnType<typeof run> {
  return run(python ?? "", ["-c", VALIDATE, version], manifests);
}

describe("Kubernetes", () => {
  const folders = globSync("deploy/kubernetes/**/kustomization.yaml", { cwd: ROOT })
    .map(dirname)
    // Newer than the oldest of the versions, or nothing by itself: test/kubernetes applies these.
    .filter((folder) => !/kubernetes\/(?:components|injector)/.test(folder));

  for (const folder of folders) {
    test(`takes ${folder} as Kustomize builds it`, { skip: noKustomize || noPython }, () => {
      const [command = "", ...args] = build ?? [];
      const built = run(command, [...args, folder]);
      assert.equal(built.status, 0, built.stderr);
      for (const version of VERSIONS) {
        const { status, stdout, stderr } = validate(built.stdout, version);
        assert.equal(status, 0, `${version}: ${stderr}`);
        assert.match(stdout, /ServiceAccount\nConfigMap|ConfigMap\nServiceAccount/);
      }
    });
  }

  test("refuses a misspelt field, so that the tests above can fail", { skip: noPython }, () => {
    const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndate: {}\n";
    assert.notEqual(validate(manifest, "1.37").status, 0);
  });

  test("keeps a cloud identity to the agent alone", { skip: noKustomize }, () => {
    const [command = "", ...args] = build ?? [];
    for (const cloud of ["aws", "azure"]) {
      const { stdout } = run(command, [...args, `deploy/kubernetes/overlays/${cloud}`]);
      assert.equal(stdout.split(`name: ${cloud}-identity`).length - 1, 2, "one mount, one volume");
      const app = stdout.slice(
        stdout.indexOf("\n      containers:"),
        stdout.indexOf("initContainers:"),
      );
      assert.ok(app.length > 0 && !app.includes(`${cloud}-identity`));
    }
  });
});

/** What the AWS SDK for Python would say before it sends this. */
const TASK_DEFINITION = `
import json, sys, botocore.session, botocore.validate
model = botocore.session.Session().get_service_model("ecs")
shape = model.operation_model("RegisterTaskDefinition").input_shape
report = botocore.validate.ParamValidator().validate(json.load(sys.stdin), shape)
print(report.generate_report())
sys.exit(1 if report.has_errors() else 0)
`;

test("ECS takes deploy/ecs/task-definition.json, by AWS's own model", { skip: noBotocore }, () => {
  const file = run("cat", ["deploy/ecs/task-definition.json"]).stdout;
  const taken = run(botocore ?? "", ["-c", TASK_DEFINITION], file);
  assert.equal(taken.status, 0, taken.stdout + taken.stderr);
  const misspelt = run(
    botocore ?? "",
    ["-c", TASK_DEFINITION],
    file.replace("dependsOn", "dependOn"),
  );
  assert.match(misspelt.stdout, /Unknown parameter in containerDefinitions\[1\]: "dependOn"/);
});

describe("systemd", { skip: noSystemd }, () => {
  const unit = join(ROOT, "deploy/systemd/clef-agent.service");

  test("takes deploy/systemd/clef-agent.service", () => {
    const { stderr } = run("systemd-analyze", ["verify", "--man=no", unit]);
    // The agent need not be installed on the machine that runs the tests.
    const problems = stderr
      .split("\n")
      .filter((line) => line !== "" && !line.includes("is not executable"));
    assert.deepEqual(problems, []);
  });

  test("finds it hardly exposed", (t) => {
    const { stdout } = run("systemd-analyze", ["security", "--offline=yes", "--no-pager", unit]);
    const [, score] = /Overall exposure level for clef-agent\.service: ([\d.]+)/.exec(stdout) ?? [];
    t.diagnostic(`exposure ${score}, of 10`);
    assert.ok(Number(score) <= 1.5, stdout);
  });
});
