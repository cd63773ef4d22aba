import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openTemplate } from "../../../src/files/template.ts";
import { snapshotOf } from "../../support/snapshots.ts";

const SECRETS = {
  TOP: "t",
  EMPTY: "",
  "dash-ed": "d",
  "dot.ted": "f",
  app: { URL: "https://ü/?a=b c", QUOTE: `a'b"c\\d\n\u0001`, "x.y": "xy" },
};

function rendered(text: string | Buffer, secrets: unknown = SECRETS): string {
  return openTemplate("t.conf", Buffer.from(text)).render(snapshotOf(secrets).snapshot).toString();
}

function problem(text: string, secrets: unknown = SECRETS): string {
  try {
    rendered(text, secrets);
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "files_template");
    return error.message;
  }
  throw new assert.AssertionError({ message: `${text} renders` });
}

describe("a template", () => {
  test("has secrets by their flat names and by namespace and key, however much space there is", () => {
    assert.equal(
      rendered(
        "{{TOP}} {{ TOP }} {{\n TOP\t}} {{ dash-ed }} {{ dot.ted }} {{ app.x.y }}{{EMPTY}}.",
      ),
      "t t t d f xy.",
    );
    assert.equal(rendered("{{ app__URL }} {{ app.URL }}"), "https://ü/?a=b c https://ü/?a=b c");
  });

  test("escapes nothing by itself", () => {
    assert.equal(rendered("<{{ app.QUOTE }}>"), `<${SECRETS.app.QUOTE}>`);
  });

  test("leaves everything else as it is: tags, single braces, bytes that are no text", () => {
    const text = "{% if TOP %} { { TOP } } }} ${TOP} {# no #}\r\n";
    assert.equal(rendered(text), text);
    const bytes = Buffer.from([0xff, 0, 0xfe, 0x7b, 0x7b, 0x54, 0x4f, 0x50, 0x7d, 0x7d, 0x80]);
    const out = openTemplate("t", bytes).render(snapshotOf(SECRETS).snapshot);
    assert.deepEqual([...out], [0xff, 0, 0xfe, 0x74, 0x80]);
  });

  test("has the filters json, base64, url and shell", () => {
    assert.equal(rendered("{{ app.QUOTE | json }}"), String.raw`"a'b\"c\\d\u000A\u0001"`);
    assert.equal(JSON.parse(rendered("{{ app.QUOTE | json }}")), SECRETS.app.QUOTE);
    assert.equal(rendered("{{ app.URL|url }}"), encodeURIComponent(SECRETS.app.URL));
    assert.equal(rendered("{{ app.QUOTE | shell }}"), `'a'\\''b"c\\d\n\u0001'`);
    for (const value of ["", "a", "ab", "abc", "abcd", "ü🔑\0"]) {
      const base64 = Buffer.from(value).toString("base64");
      assert.equal(rendered("{{ A | base64 }}", { A: value }), base64);
    }
  });

  test("has default for names that are not there, and for no others", () => {
    assert.equal(rendered(`{{ NOPE | default("x }} y") }}`), "x }} y");
    assert.equal(rendered("{{ NOPE | default( '' ) }}|{{ EMPTY | default('x') }}"), "|");
    assert.equal(rendered(`{{ app.NOPE | default("a b") | json | url }}`), "%22a%20b%22");
  });

  test("refuses a name that is not there, with the line", () => {
    assert.match(
      problem("a\nb\n{{ TOP }}{{ NOPE }}"),
      /"t\.conf".*line 3: there is no secret "NOPE"/,
    );
    assert.match(problem("{{ URL }}"), /there is no secret "URL"/);
    assert.match(problem("{{ constructor }}{{ __proto__ }}"), /no secret "constructor"/);
  });

  test("refuses a name that can be two secrets", () => {
    assert.match(problem("{{ a.b }}", { "a.b": "1", a: { b: "2" } }), /"a\.b" or "a__b"/);
    assert.equal(rendered("{{ a__b }}", { "a.b": "1", a: { b: "2" } }), "2");
  });

  for (const text of [
    "{{ }}",
    "{{}}",
    "{{ TOP",
    "{{ TOP | }}",
    "{{ TOP | upcase }}",
    "{{ TOP | constructor }}",
    "{{ TOP | json() }}",
    "{{ TOP | json | default('x') }}",
    "{{ TOP | default }}",
    "{{ TOP | default(x) }}",
    "{{ TOP | default('x') | default('y') }}",
    "{{ TOP | default: 'x' }}",
    "{{ TOP json }}",
    "{{ TOP || json }}",
    "{{ 'TOP' }}",
    "{{ TOP[0] }}",
    "{{ TOP + TOP }}",
    "{{ (1..3) }}",
    "{{{ TOP }}}",
    "{{- TOP -}}",
    "{{ TOP | default('x }}",
  ]) {
    test(`refuses ${text}`, () => {
      assert.match(problem(text), /the template "t\.conf" does not render, line 1: /);
    });
  }

  test("is bounded in what it renders to", () => {
    const secrets = { A: "x".repeat(1024 * 1024) };
    assert.match(problem("{{ A }}".repeat(33), secrets), /more than 33554432 bytes/);
  });
});

test("filters that double their text again and again are a template that is too long, and no endless work", () => {
  const filters = " | json".repeat(40);
  assert.match(problem(`{{ TOP${filters} }}`), /line 1: it renders to more than 33554432 bytes/);
});
