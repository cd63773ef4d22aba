import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readRequest } from "../../../src/server/request.ts";

describe("readRequest", () => {
  test("finds its headers in any case and order, among others of the same length", () => {
    const raw = [
      "User",
      "other of four letters",
      "AUTHORIZATION",
      "Bearer x",
      "If-None-Match",
      '"tag"',
      "HOST",
      "localhost",
      "Cache-Control",
      "as long as authorization",
    ];
    const isCancelled = (): boolean => false;
    const onGone = (): (() => void) => () => undefined;
    const showedToken = (): void => undefined;
    const request = readRequest("GET", "/x", raw, { isCancelled, onGone, showedToken });
    assert.deepEqual(request, {
      method: "GET",
      target: "/x",
      host: "localhost",
      authorization: "Bearer x",
      ifNoneMatch: '"tag"',
      prefer: [],
      forwarded: false,
      isCancelled,
      onGone,
      showedToken,
    });
  });

  test("takes no Host from several", () => {
    const raw = ["Host", "localhost", "host", "localhost"];
    assert.equal(readRequest("GET", "/", raw).host, undefined);
  });

  test("sees forwarding headers in any case, and no others", () => {
    for (const name of ["Forwarded", "FORWARDED", "X-Forwarded-For", "x-forwarded-HOST"]) {
      assert.ok(readRequest("GET", "/", [name, ""]).forwarded, name);
    }
    for (const name of ["Forwardes", "X-Forwarded-Fox", "x-forwarded-host-"]) {
      assert.equal(readRequest("GET", "/", [name, "x"]).forwarded, false, name);
    }
  });
});
