import assert from "node:assert/strict";
import { dirname, posix } from "node:path";
import { describe, test } from "node:test";
import { isServiceLink } from "../../src/config/unknown.ts";
import { KNOWN_NAMES, VARIABLES } from "../../src/config/variables.ts";
import { OPERATION_CODES, REASON_CODES, SOURCE_CODES } from "../../src/errors.ts";
import { DANGEROUS_NAMES } from "../../src/exec/dangerous-names.ts";
import { SEVERITY } from "../../src/telemetry/events.ts";
import { VERSION } from "../../src/version.ts";
import { eventFields } from "../support/docs-events.ts";
import { helpCommands } from "../support/docs-help.ts";
import {
  anchorsIn,
  codesIn,
  linksIn,
  MARKDOWN_FILES,
  tableUnder,
  textOf,
} from "../support/docs-markdown.ts";

const README = textOf("README.md");

describe("the README's table of variables", () => {
  const rows = tableUnder(README, "Configuration");

  test("names every variable, in the order of the source, and no other", () => {
    const named = rows.map(([name = ""]) => codesIn(name).join());
    assert.deepEqual(named, [...KNOWN_NAMES]);
  });

  for (const { name, fallback } of VARIABLES) {
    test(`says what holds when ${name} is unset`, () => {
      const row = rows.find(([cell = ""]) => cell === `\`${name}\``);
      assert.equal(row?.[1]?.replaceAll("`", ""), fallback === "" ? "—" : fallback);
    });
  }

  test("says what every variable means", () => {
    for (const [name = "", , meaning = ""] of rows) assert.notEqual(meaning, "", name);
  });
});

describe("the README's table of commands", () => {
  const documented = new Map(
    tableUnder(README, "Command line").map(([usage = "", , options = ""]) => [
      codesIn(usage).join(),
      codesIn(options),
    ]),
  );

  test("names every command that --help names, and no other", () => {
    assert.deepEqual([...documented.keys()], [...helpCommands().keys()]);
  });

  for (const [usage, options] of helpCommands()) {
    test(`names the options of ${usage}, and no others`, () => {
      assert.deepEqual(documented.get(usage), options);
    });
  }
});

describe("the tables of error codes", () => {
  for (const [heading, codes] of [
    ["Reasons", REASON_CODES],
    ["Sources", SOURCE_CODES],
    ["Operations", OPERATION_CODES],
  ] as const) {
    const rows = tableUnder(textOf("docs/errors.md"), heading);

    test(`name every code under ${heading}, in the order of the source, and no other`, () => {
      assert.deepEqual(
        rows.map(([code = ""]) => codesIn(code).join()),
        [...codes],
      );
    });

    test(`say under ${heading} what each code means and what to do`, () => {
      for (const [code = "", meaning = "", advice = ""] of rows) {
        assert.ok(meaning !== "" && advice !== "", code);
      }
    });
  }
});

describe("the table of events", () => {
  const documented = tableUnder(textOf("docs/events.md"), "Events").map(
    ([name = "", severity = "", fields = ""]) => ({
      name: codesIn(name).join(),
      severity,
      fields: codesIn(fields),
    }),
  );

  test("names every event with its severity, and no other", () => {
    const severities = documented.map(({ name, severity }) => [name, severity]);
    assert.deepEqual(Object.fromEntries(severities), SEVERITY);
  });

  test("names the fields of every event, and no others", () => {
    const fields = new Map(documented.map((event) => [event.name, event.fields]));
    assert.deepEqual(fields, eventFields());
  });
});

describe("the tables of what holds in SECURITY.md", () => {
  /** Where nothing is promised, there is nothing to test. */
  const WITHOUT = new Set(["looks at the command"]);
  const rows = textOf("SECURITY.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (attack|---)/.test(line))
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "").trim()));

  test("name the source and the test of every row, and files that are there", () => {
    assert.ok(rows.length > 30);
    for (const [attack = "", , where = "", tests = ""] of rows) {
      for (const file of [...codesIn(where), ...codesIn(tests)]) assert.ok(textOf(file), file);
      assert.ok(codesIn(where).length > 0, attack);
      if (!WITHOUT.has(attack)) assert.match(tests, /\.test\.ts/, attack);
    }
  });
});

describe("the page of dependencies", () => {
  test("has a word on every package in package.json", () => {
    const { devDependencies } = JSON.parse(textOf("package.json")) as {
      devDependencies: Record<string, string>;
    };
    const page = new Set(codesIn(textOf("docs/dependencies.md")));
    assert.deepEqual(
      Object.keys(devDependencies).filter((name) => !page.has(name)),
      [],
    );
  });
});

describe("the changelog", () => {
  test("has a section for the version of package.json", () => {
    assert.ok(textOf("CHANGELOG.md").includes(`\n## ${VERSION}`));
  });
});

for (const file of MARKDOWN_FILES) {
  describe(file, () => {
    const text = textOf(file);

    test("links to nothing in the repository that is not there", () => {
      assert.deepEqual(
        linksIn(text).filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(file, link)),
        [],
      );
    });

    test("mentions no variable that the agent does not know", () => {
      const names = new Set(text.match(/\bCLEF_AGENT_\w*/g));
      assert.deepEqual(
        [...names].filter((name) => !isKnown(name)),
        [],
      );
    });
  });
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : posix.join(dirname(from), path);
  try {
    return anchor === undefined || anchorsIn(textOf(target)).includes(anchor)
      ? textOf(target) !== ""
      : false;
  } catch (error) {
    // A folder is a target like any file.
    return error instanceof Error && "code" in error && error.code === "EISDIR";
  }
}

/** The mistake that the runtime guide shows on purpose. */
const MISSPELT = "CLEF_AGENT_VERFY_KEY";

/** A name, the beginning of several, or what Kubernetes injects. */
function isKnown(name: string): boolean {
  if (KNOWN_NAMES.has(name) || name === MISSPELT || isServiceLink(name, "")) return true;
  return name.endsWith("_") && [...KNOWN_NAMES].some((known) => known.startsWith(name));
}

test("the table of dangerous names is the list of the source", () => {
  const documented = tableUnder(textOf("docs/exec.md"), "Dangerous names").map(
    ([of = "", names = ""]) => [of, codesIn(names)],
  );
  assert.deepEqual(Object.fromEntries(documented), DANGEROUS_NAMES);
});
