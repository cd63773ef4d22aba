import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, globSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { pack } from "../support/artifacts.ts";
import { filesPlace } from "../support/files-place.ts";
import { kustomize, pythonWith, ROOT, run } from "../support/interop.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const python = pythonWith("kubernetes_validate", "yaml");
const botocore = pythonWith("botocore");
const build = kustomize();
const noPython = python === undefined && "kubernetes-validate is missing: .ci/install-interop";
const noKustomize = build === undefined && "neither kubectl nor kustomize is on this machine";
const noBotocore = botocore === undefined && "botocore is missing: .ci/install-interop";
const pydantic = pythonWith("pydantic_settings");
const noPydantic = pydantic === undefined && "pydantic-settings is missing: .ci/install-interop";
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

  for (const file of ["files/pod.yaml", "files/job.yaml", "exec/kubernetes.yaml"]) {
    test(`takes deploy/${file}`, { skip: noPython }, () => {
      const manifest = run("cat", [`deploy/${file}`]).stdout;
      for (const version of VERSIONS) {
        const { status, stderr } = validate(manifest, version);
        assert.equal(status, 0, `${version}: ${stderr}`);
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

test("ECS takes deploy/files/task-definition.json as well", { skip: noBotocore }, () => {
  const file = run("cat", ["deploy/files/task-definition.json"]).stdout;
  const taken = run(botocore ?? "", ["-c", TASK_DEFINITION], file);
  assert.equal(taken.status, 0, taken.stdout + taken.stderr);
});

test(
  "pydantic-settings reads examples/files/settings.py, from files as the agent writes them",
  { skip: noPydantic },
  async (t) => {
    const at = await filesPlace(t);
    at.put(await pack({ secrets: { SESSION_KEY: "from the file" } }));
    const agent = AgentProcess.start(t, at.env, ["files", "--once"]);
    assert.equal((await agent.ended()).code, 0, agent.stderr);
    const settings = run("cat", ["examples/files/settings.py"]).stdout;
    const script = `${settings.replace("/run/app-secrets", at.directory)}
print(Settings().session_key)`;
    const { stdout, stderr } = run(pydantic ?? "", ["-W", "ignore", "-c", script]);
    assert.equal(stdout, "from the file\n", stderr);
  },
);

describe("systemd", { skip: noSystemd }, () => {
  const unit = join(ROOT, "deploy/systemd/clef-agent.service");

  for (const file of ["deploy/systemd/clef-agent.service", "deploy/exec/api.service"]) {
    test(`takes ${file}`, () => {
      const { stderr } = run("systemd-analyze", ["verify", "--man=no", join(ROOT, file)]);
      // The agent need not be installed on the machine that runs the tests.
      const problems = stderr
        .split("\n")
        .filter((line) => line !== "" && !line.includes("is not executable"));
      assert.deepEqual(problems, []);
    });
  }

  test("takes it with deploy/files/clef-agent.service.d.conf, which gives it /run/app-secrets", async (t) => {
    const folder = await temporaryDirectory(t);
    const copy = join(folder, "clef-agent.service");
    copyFileSync(unit, copy);
    mkdirSync(`${copy}.d`);
    const dropIn = join(ROOT, "deploy/files/clef-agent.service.d.conf");
    copyFileSync(dropIn, join(`${copy}.d`, "files.conf"));
    const verify = (): string => run("systemd-analyze", ["verify", "--man=no", copy]).stderr;
    const isProblem = (line: string): boolean => line !== "" && !line.includes("is not executable");
    assert.deepEqual(verify().split("\n").filter(isProblem), []);
    appendFileSync(join(`${copy}.d`, "files.conf"), "\nRuntimeDirektory=x\n");
    assert.match(verify(), /RuntimeDirektory/);
  });

  test("finds it hardly exposed", (t) => {
    const { stdout } = run("systemd-analyze", ["security", "--offline=yes", "--no-pager", unit]);
    const [, score] = /Overall exposure level for clef-agent\.service: ([\d.]+)/.exec(stdout) ?? [];
    t.diagnostic(`exposure ${score}, of 10`);
    assert.ok(Number(score) <= 1.5, stdout);
  });
});
