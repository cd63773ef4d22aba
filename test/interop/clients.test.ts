import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { textOf } from "../support/docs-markdown.ts";
import { run } from "../support/interop.ts";
import { ForwardProxy } from "../support/proxy.ts";
import { Sidecar } from "../support/sidecar.ts";
import { eventually } from "../support/temporary.ts";

interface Language {
  /** As the block of code says. */
  readonly fence: string;
  readonly file: string;
  readonly command: readonly [string, ...string[]];
  /** What shows that its tool is here. */
  readonly probe: readonly [string, ...string[]];
}

const LANGUAGES: readonly Language[] = [
  { fence: "python", file: "watch.py", command: ["python3"], probe: ["python3", "--version"] },
  { fence: "go", file: "watch.go", command: ["go", "run"], probe: ["go", "version"] },
  { fence: "java", file: "Watch.java", command: ["java"], probe: ["javac", "-version"] },
  { fence: "ruby", file: "watch.rb", command: ["ruby"], probe: ["ruby", "--version"] },
  {
    fence: "sh",
    file: "watch.sh",
    command: ["sh"],
    probe: ["sh", "-c", "curl --version && jq --version"],
  },
];

const page = textOf("docs/clients.md");

/** The program of the guide in that language: its longest block. */
function programIn(fence: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)];
  const texts = blocks.flatMap(([, language, text = ""]) => (language === fence ? [text] : []));
  return texts.toSorted((a, b) => b.length - a.length)[0] ?? "";
}

for (const { fence, file, command, probe } of LANGUAGES) {
  const [tool, ...args] = probe;
  const here = run(tool, args);
  const skip = here.error === undefined && here.status === 0 ? false : `${tool} is not here`;

  describe(`the program of docs/clients.md in ${fence}`, { skip }, () => {
    test("hears of changes, survives a restart, ends at a revocation, and uses no proxy", async (t) => {
      const proxy = await ForwardProxy.start(t);
      const sidecar = await Sidecar.start(t, { way: "TCP" });
      const path = join(sidecar.directory, file);
      await writeFile(path, `${programIn(fence)}\n`);
      const [name, ...before] = command;
      const child: ChildProcess = spawn(name, [...before, path], {
        env: {
          ...process.env,
          ...sidecar.clients,
          HTTP_PROXY: proxy.url,
          http_proxy: proxy.url,
          no_proxy: "",
          NO_PROXY: "",
          GOFLAGS: "-mod=mod",
        },
        stdio: ["ignore", "pipe", "pipe"],
        // What `go run` starts goes with it.
        detached: true,
      });
      let output = "";
      let code: number | null | undefined;
      child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.on("close", (status) => (code = status));
      t.after(() => {
        if (child.pid !== undefined && code === undefined) process.kill(-child.pid, "SIGKILL");
      });
      const hears = async (count: number): Promise<void> => {
        await eventually(
          `${count} sets; so far:\n${output}`,
          () => output.split("\n").filter((line) => /\bsecrets\b/.test(line)).length === count,
          50_000,
        );
      };
      await hears(1);
      await sidecar.repack({ KEY: "two", OTHER: "new" });
      await hears(2);
      await sidecar.stop();
      await sidecar.repack({ KEY: "three" });
      await sidecar.start();
      await hears(3);
      await sidecar.revoke();
      await eventually(`its end; so far:\n${output}`, () => code !== undefined, 50_000);
      assert.notEqual(code, 0);
      assert.match(output, /gives no secrets any more/);
      assert.doesNotMatch(output, /two|three/);
      assert.deepEqual(
        proxy.asked.filter((asked) => asked.includes("/v1/")),
        [],
      );
    });
  });
}
