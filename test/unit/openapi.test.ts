import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createConfig, lint } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { refuseMethod } from "../../src/server/guards.ts";
import { readRequest } from "../../src/server/request.ts";
import { parseRoute, ROUTE_TEMPLATES } from "../../src/server/route.ts";
import { VERSION } from "../../src/version.ts";
import { ROOT } from "../support/interop.ts";
import { OPENAPI_FILE, readOpenApi, responsesOf } from "../support/openapi.ts";

const api = readOpenApi();
const templateOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

describe("the description of the API", () => {
  test("is OpenAPI 3.1 to which Redocly has nothing to say", async () => {
    assert.equal(api.openapi, "3.1.0");
    const config = await createConfig({
      extends: ["recommended-strict"],
      // There is nothing to answer 4XX to where no token is asked for, and no other server than this machine.
      rules: { "operation-4xx-response": "off", "no-server-example.com": "off" },
    });
    const problems = await lint({ ref: join(ROOT, OPENAPI_FILE), config });
    assert.deepEqual(
      problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`),
      [],
    );
  });

  test("is of this version", () => {
    assert.equal(api.info.version, VERSION);
  });

  test("has each route of the server, and none besides", () => {
    assert.deepEqual(
      Object.keys(api.paths).map(templateOf).toSorted(),
      Object.values(ROUTE_TEMPLATES).toSorted(),
    );
  });

  test("has the methods that the server takes, and none besides", () => {
    for (const [path, methods] of Object.entries(api.paths)) {
      const route = parseRoute(path.replaceAll(/[{}]/g, ""));
      assert.ok(typeof route !== "string", path);
      assert.equal(ROUTE_TEMPLATES[route.kind], templateOf(path));
      for (const method of ["get", "post", "put", "delete", "patch", "options"] as const) {
        const taken = refuseMethod(readRequest(method.toUpperCase(), path, []), route.kind);
        assert.equal(taken === undefined, method in methods, `${method} ${path}`);
      }
    }
  });

  test("has examples that fit it, for every body", () => {
    const ajv = new Ajv2020({ formats: { uuid: true } });
    for (const { path, status, response } of responsesOf(api)) {
      for (const { schema, example, examples = {} } of Object.values(response.content ?? {})) {
        const values = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map(({ value }) => value),
        ];
        assert.ok(values.length > 0, `${path} ${status}`);
        const fits = ajv.compile(schema);
        for (const value of values) {
          assert.ok(fits(value), `${path} ${status}: ${ajv.errorsText(fits.errors)}`);
        }
      }
    }
  });
});
