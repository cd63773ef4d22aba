import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AGENT_COMMAND, AgentProcess } from "../support/agent-process.ts";
import { pack, revocation } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { filesPlace } from "../support/files-place.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** The `count`th failure of the files. */
function failure(agent: AgentProcess, count: number) {
  return eventually(`failure ${count}; so far:\n${agent.stderr}`, () => {
    const failures = agent.log.filter(({ event }) => event === "files.failed");
    return failures[count - 1];
  });
}

describe("what the built agent makes of secrets", { concurrency: true }, () => {
  test("is files of all three formats and of templates, each as the contract says", async (context) => {
    const at = await filesPlace(context);
    const templates = await temporaryDirectory(context);
    writeFileSync(
      join(templates, "all"),
      [
        "{{ TOP }} {{ app__PASS }} {{app.PASS}}",
        "{{ app.PASS | json }}",
        "{{ app.PASS | base64 }}",
        "{{ app.PASS | url }}",
        "{{ app.PASS | shell }}",
        '{{ app.PORT | default("5432") }} {{ TOP | default("no") | url }}',
      ].join("\n"),
    );
    const payload = `{ "TOP": "a b", "app": {"PASS":"<p&\\"$x\\n>"} }`;
    at.put(await pack({ payload }));
    const agent = AgentProcess.start(context, {
      ...at.env,
      CLEF_AGENT_FILES_FORMAT: "keys,json,dotenv",
      CLEF_AGENT_FILES_TEMPLATES: templates,
    });
    await agent.ready();
    const value = '<p&"$x\n>';
    assert.deepEqual(visible(at.directory), {
      TOP: "a b",
      "app/PASS": value,
      // As it was packed, to the byte.
      "secrets.json": payload,
      "secrets.env": `TOP='a b'\napp__PASS='${value}'\n`,
      all: [
        `a b ${value} ${value}`,
        String.raw`"<p&\"$x\u000A>"`,
        Buffer.from(value).toString("base64"),
        encodeURIComponent(value),
        `'${value}'`,
        "5432 a%20b",
      ].join("\n"),
    });
    // A template that does not render any more: the old set stays, and the log says which name.
    const change = async (template: string, TOP: string): Promise<void> => {
      writeFileSync(join(templates, "all"), template);
      at.put(await pack({ secrets: { TOP } }));
    };
    await change("{{ MISSING }}", "2");
    const unknown = await failure(agent, 1);
    assert.equal(unknown["code"], "files_template");
    assert.match(String(unknown["error"]), /"all".*line 1.*there is no secret "MISSING"/);
    await change("{% if TOP %}x{% endif %}{{ TOP | upcase }}", "3");
    assert.match(String((await failure(agent, 2))["error"]), /has a filter that does not exist/);
    assert.equal(visible(at.directory)["TOP"], "a b");
    // Nothing but names is read in a template.
    await change("{% if TOP %}{{ TOP }}", "4");
    await eventually("the new set", () => visible(at.directory)["all"] === "{% if TOP %}4");
  });

  test("is none of what cannot be a file, two that would be one, or what dotenv readers read differently", async (context) => {
    const at = await filesPlace(context);
    const templates = await temporaryDirectory(context);
    writeFileSync(join(templates, "app.conf"), "x");
    const good = { A: "1" };
    at.put(await pack({ secrets: good }));
    const agent = AgentProcess.start(context, {
      ...at.env,
      CLEF_AGENT_FILES_FORMAT: "keys,json,dotenv",
      CLEF_AGENT_FILES_TEMPLATES: templates,
    });
    await agent.ready();
    const before = visible(at.directory);
    let failures = 0;
    for (const [secrets, code, message] of [
      [{ "a/b": "" }, "files_name", /"a\/b" cannot be a file name: it has a slash/],
      [{ "a\0b": "" }, "files_name", /cannot be a file name: it has a NUL/],
      [{ ".": "" }, "files_name", /"\." cannot be a file name/],
      [{ "..data": "" }, "files_name", /"\.\.data" cannot be a file name: it begins with two dots/],
      [{ "..": { A: "" } }, "files_name", /"\.\.\/A" cannot be a file name/],
      [{ ["x".repeat(256)]: "" }, "files_name", /longer than 255 bytes/],
      [{ "secrets.json": "" }, "files_name", /two files would be called "secrets\.json"/],
      [{ "app.conf": { A: "" } }, "files_name", /two files would be called "app\.conf"/],
      [{ QUOTE: "it's" }, "files_value", /"QUOTE".*a single quote; use the format keys or json/],
      [{ EXPANDS: "${A}" }, "files_value", /"EXPANDS".*a value with \$\{/],
      [{ TWO: "\\\\" }, "files_value", /"TWO".*two backslashes/],
      [{ LAST: "x\\" }, "files_value", /"LAST".*a backslash at its end/],
    ] as const) {
      at.put(await pack({ secrets }));
      const line = await failure(agent, ++failures);
      assert.equal(line["code"], code);
      assert.match(String(line["error"]), message);
      assert.deepEqual(visible(at.directory), before);
    }
    const health = JSON.parse((await agent.get("/v1/health")).body) as Record<string, unknown>;
    assert.deepEqual(health["files"], { state: "failed", code: "files_value" });
    assert.equal((await agent.get("/v1/ready")).status, 200);
    at.put(await pack({ secrets: good }));
    await agent.logged("written again", ({ event, message }) =>
      Boolean(event === "files.written" && message),
    );
  });

  test("has its mode and group whatever the umask, and leaves alone what is another's", async (context) => {
    const at = await filesPlace(context);
    writeFileSync(join(at.directory, "app.pid"), "7");
    writeFileSync(join(at.directory, "..other"), "theirs");
    at.put(await pack({ secrets: { A: "the-value-itself", app: { B: "the-value-itself" } } }));
    const env = { ...at.env, CLEF_AGENT_FILES_MODE: "0640" };
    const agent = AgentProcess.start(
      context,
      env,
      ["run"],
      ["sh", "-c", 'umask 0777; exec "$@"', "sh", ...AGENT_COMMAND],
    );
    await agent.ready();
    const group = statSync(at.directory).gid;
    for (const [path, mode] of [
      ["A", 0o640],
      ["app/B", 0o640],
      ["app", 0o750],
      ["..data", 0o750],
    ] as const) {
      const stats = statSync(join(at.directory, path));
      assert.equal((stats.mode & 0o7777).toString(8), mode.toString(8), path);
      assert.equal(stats.gid, group, path);
    }
    // What the agent notes for itself begins with two dots, and holds no secret.
    const revision = readlinkSync(join(at.directory, "..data"));
    const own = namesIn(at.directory).filter((name) => !["A", "app", "app.pid"].includes(name));
    assert.ok(
      own.every((name) => name.startsWith("..")),
      own.join(),
    );
    assert.equal(own.length, 5);
    const record = readFileSync(join(at.directory, `${revision}.record`), "utf8");
    assert.ok(!record.includes("the-value-itself"));
    assert.equal(statSync(join(at.directory, `${revision}.record`)).mode & 0o777, 0o600);

    at.put(await pack({ secrets: { "app.pid": "8" } }));
    assert.match(String((await failure(agent, 1))["error"]), /"app.pid", which the agent did not/);
    at.put(revocation());
    await eventually("gone", () => !namesIn(at.directory).includes("A"));
    await agent.stop();
    assert.deepEqual(namesIn(at.directory), ["..other", "app.pid"]);
    assert.equal(readFileSync(join(at.directory, "app.pid"), "utf8"), "7");
  });

  test("may lie on a disk where that is allowed, and goes from there as well", async (context) => {
    const at = await filesPlace(context);
    const directory = await temporaryDirectory(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const agent = AgentProcess.start(context, {
      ...at.env,
      CLEF_AGENT_FILES_DIR: directory,
      CLEF_AGENT_FILES_ON_DISK: "allow",
    });
    await agent.ready();
    assert.deepEqual(visible(directory), { A: "1" });
    await agent.stop();
    assert.deepEqual(readdirSync(directory), []);
  });
});
