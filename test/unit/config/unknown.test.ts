import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isServiceLink, unknownVariables } from "../../../src/config/unknown.ts";
import { AGE_IDENTITY } from "../../support/artifacts.ts";
import { configError, configErrors, configured } from "../../support/config.ts";

describe("an unknown variable names the nearest known one", () => {
  const NEAREST = {
    CLEF_AGENT_VERIFY_KEYS: "CLEF_AGENT_VERIFY_KEY",
    CLEF_AGENT_VERFIY_KEY: "CLEF_AGENT_VERIFY_KEY",
    CLEF_AGENT_VERIFYKEY: "CLEF_AGENT_VERIFY_KEY",
    CLEF_AGENT_VERIFY_KEY_FILE: "CLEF_AGENT_VERIFY_KEY",
    CLEF_AGENT_AGE_KEYFILE: "CLEF_AGENT_AGE_KEY_FILE",
    CLEF_AGENT_CACHE_TLL: "CLEF_AGENT_CACHE_TTL",
    CLEF_AGENT_PORTS: "CLEF_AGENT_PORT",
    CLEF_AGENT_: "CLEF_AGENT_ID",
  };
  for (const [name, nearest] of Object.entries(NEAREST)) {
    test(`${name}: ${nearest}`, async () => {
      const error = await configError({ [name]: "x" });
      assert.ok(error.startsWith(`config_unknown_variable: ${name} `), error);
      assert.ok(error.includes(`did you mean ${nearest}?`), error);
    });
  }
});

test("several unknown variables are several errors", () => {
  const errors = unknownVariables(["CLEF_AGENT_A", "CLEF_AGENT_B", "CLEF_AGENT_PORT", "OTHER"]);
  assert.equal(errors.length, 2);
});

describe("Kubernetes service links", () => {
  const LINKS = {
    CLEF_AGENT_SERVICE_HOST: "10.0.0.1",
    CLEF_AGENT_SERVICE_PORT: "7779",
    CLEF_AGENT_SERVICE_PORT_HTTP: "7779",
    CLEF_AGENT_PORT: "tcp://10.0.0.1:7779",
    CLEF_AGENT_PORT_7779_TCP: "tcp://10.0.0.1:7779",
    CLEF_AGENT_PORT_7779_TCP_PROTO: "tcp",
    CLEF_AGENT_PORT_7779_TCP_PORT: "7779",
    CLEF_AGENT_PORT_7779_TCP_ADDR: "10.0.0.1",
    CLEF_AGENT_PORT_53_UDP: "udp://10.0.0.1:53",
  };

  test("are ignored, with one warning that names them all", async () => {
    const config = await configured({
      ...LINKS,
      CLEF_AGENT_TOKEN: "abcdefghijklmnop",
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    });
    assert.equal(config.port, 7779);
    assert.equal(config.warnings.length, 1);
    for (const name of Object.keys(LINKS)) assert.ok(config.warnings[0]?.includes(name), name);
    assert.doesNotMatch(config.warnings.join(), /10\.0\.0\.1/);
  });

  test("do not excuse a port of a person's that is wrong", async () => {
    assert.match(
      await configError({ CLEF_AGENT_PORT: "10.0.0.1:7779" }),
      /CLEF_AGENT_PORT must be/,
    );
  });

  test("do not excuse names that only resemble them", async () => {
    for (const name of [
      "CLEF_AGENT_SERVICE_HOSTS",
      "CLEF_AGENT_PORT_TCP",
      "CLEF_AGENT_PORT_1_TCP_X",
    ]) {
      assert.equal(isServiceLink(name, "tcp://x"), false);
      assert.equal((await configErrors({ [name]: "x" })).length, 1);
    }
  });

  test("under other names are left to the check for unknown ones", () => {
    assert.equal(isServiceLink("CLEF_AGENT_TOKEN", "tcp://10.0.0.1:1"), false);
  });
});
