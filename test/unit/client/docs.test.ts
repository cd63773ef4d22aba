import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Client, type ClientErrorCode, connect } from "../../../src/client/index.ts";
import { codesIn, tableUnder, textOf } from "../../support/docs-markdown.ts";

const PAGE = textOf("docs/clients.md");

/** All of them, or this does not compile. */
const CODES: Readonly<Record<ClientErrorCode, true>> = {
  config_invalid: true,
  unreachable: true,
  timeout: true,
  aborted: true,
  unauthorized: true,
  not_found: true,
  ambiguous: true,
  not_loaded: true,
  expired: true,
  revoked: true,
  refresh_failed: true,
  decryption_failed: true,
  busy: true,
  unexpected_answer: true,
};

describe("the guide to the client", () => {
  test("names every code of its errors, and no other", () => {
    const named = tableUnder(PAGE, "Errors").flatMap(([code = ""]) => codesIn(code));
    assert.deepEqual(named, Object.keys(CODES));
  });

  test("names every call", () => {
    const client: Client = connect({ env: {} });
    const named = tableUnder(PAGE, "The client").flatMap(([call = ""]) => codesIn(call));
    const names = named.map((call) => call.replace(/\(.*/, ""));
    assert.deepEqual(names.toSorted(), ["connect", ...Object.keys(client)].toSorted());
  });
});
