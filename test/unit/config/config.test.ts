import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { parseAgeIdentities } from "../../../src/keys/age-identities.ts";
import { AGE_IDENTITY, SIGNING_KEY_PEM, VERIFY_KEY } from "../../support/artifacts.ts";
import { configError, configErrors, configured } from "../../support/config.ts";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";

describe("what is unset", () => {
  test("has the defaults of the contract", async () => {
    const config = await configured();
    assert.deepEqual(config, {
      source: { kind: "file", path: "/artifact.json" },
      expected: { identity: undefined, environment: undefined },
      ageIdentities: [],
      verifyKeys: [],
      port: 7779,
      socket: undefined,
      token: { kind: "generated" },
      agentId: undefined,
      mode: { kind: "cached", ttlMs: 300_000 },
      cachePath: undefined,
      files: undefined,
      network: PLAIN_NETWORK,
      telemetry: undefined,
      resource: {},
      startupTimeoutMs: 60_000,
      probeListen: undefined,
      logLevel: "info",
      logFormat: undefined,
      guarded: [],
      warnings: config.warnings,
    });
  });

  test("is the same as what is empty", async () => {
    const names = [
      "PORT",
      "TOKEN",
      "TOKEN_FILE",
      "CACHE_TTL",
      "VERIFY_KEY",
      "AGE_KEY",
      "LOG_LEVEL",
    ];
    const empty = Object.fromEntries(names.map((name) => [`CLEF_AGENT_${name}`, ""]));
    assert.deepEqual(await configured(empty), await configured());
  });

  test("may be an unknown name with nothing in it", async () => {
    assert.deepEqual(await configured({ CLEF_AGENT_VERIFY_KEYS: "" }), await configured());
  });

  test("is reported when it is the source", async () => {
    assert.match(
      await configError({ CLEF_AGENT_SOURCE: "" }),
      /^config_missing: CLEF_AGENT_SOURCE/,
    );
  });
});

/** What tools leave around a value: echo, Windows, a byte order mark, what is copied from a page. */
const AROUND = ["\n", "\r\n", " ", "\t", "\ufeff", "\u00a0"];

describe("white space and a byte order mark around a value", () => {
  const plain = {
    CLEF_AGENT_SOURCE: "/a.json",
    CLEF_AGENT_IDENTITY: "api",
    CLEF_AGENT_ENVIRONMENT: "production",
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_PORT: "7780",
    CLEF_AGENT_TOKEN: "token-0123456789",
    CLEF_AGENT_ID: "agent-1",
    CLEF_AGENT_CACHE_TTL: "60",
    CLEF_AGENT_CACHE_PATH: "/var/cache/clef",
    CLEF_AGENT_STARTUP_TIMEOUT: "5",
    CLEF_AGENT_PROBE_LISTEN: "0.0.0.0:7781",
    CLEF_AGENT_LOG_LEVEL: "warn",
    CLEF_AGENT_LOG_FORMAT: "text",
    CLEF_AGENT_TELEMETRY_URL: "http://127.0.0.1:4318/v1/logs",
  };

  for (const around of AROUND) {
    const padded = (env: Record<string, string>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, around + value + around]),
      );

    test(`changes nothing: ${JSON.stringify(around)}`, async () => {
      assert.deepEqual(await configured(padded(plain)), await configured(plain));
    });

    test(`changes nothing in a file or its path: ${JSON.stringify(around)}`, async () => {
      const env = { CLEF_AGENT_AGE_KEY_FILE: "/key" };
      const files = { "/key": `${around}${AGE_IDENTITY}${around}` };
      assert.deepEqual(
        await configured(padded(env), files),
        await configured(env, { "/key": AGE_IDENTITY }),
      );
    });

    test(`alone is an error, so that a lost key does not switch verification off: ${JSON.stringify(around)}`, async () => {
      for (const name of Object.keys(plain).filter((other) => other !== "CLEF_AGENT_SOURCE")) {
        assert.equal(
          await configError({ [name]: around }),
          `config_invalid: ${name} holds white space alone; write its value or remove it`,
        );
      }
    });
  }
});

describe("what cannot be seen inside of a value", () => {
  for (const [what, inside] of [
    ["a line break", "\n"],
    ["a tab", "\t"],
    ["a character without width", "\u200b"],
    ["a byte order mark", "\ufeff"],
  ] as const) {
    for (const name of ["SOURCE", "IDENTITY", "ENVIRONMENT", "ID", "CACHE_PATH", "TELEMETRY_URL"]) {
      test(`is told: ${what} in CLEF_AGENT_${name}`, async () => {
        assert.equal(
          await configError({ [`CLEF_AGENT_${name}`]: `http://a${inside}b` }),
          `config_invalid: CLEF_AGENT_${name} has a line break or another invisible character inside; write it anew, on one line`,
        );
      });
    }
  }

  test("is told once, where another error names the variable", async () => {
    assert.match(await configError({ CLEF_AGENT_PORT: "77\n79" }), /CLEF_AGENT_PORT must be/);
  });
});

describe("a port", () => {
  for (const [text, port] of [
    ["0", 0],
    ["1", 1],
    ["65535", 65_535],
  ] as const) {
    test(`may be ${text}`, async () =>
      assert.equal((await configured({ CLEF_AGENT_PORT: text })).port, port));
  }
  for (const text of [
    "65536",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x50",
    "8 0",
    "80\u200b",
    "８０",
    "abc",
    "9".repeat(400),
  ]) {
    test(`is not ${JSON.stringify(text.slice(0, 12))}`, async () => {
      assert.match(
        await configError({ CLEF_AGENT_PORT: text }),
        /^config_invalid: CLEF_AGENT_PORT must be/,
      );
    });
  }
});

describe("the TTL", () => {
  test("of 0 is just-in-time mode", async () => {
    assert.deepEqual((await configured({ CLEF_AGENT_CACHE_TTL: "0" })).mode, { kind: "jit" });
  });
  test("may be as long as anybody likes", async () => {
    assert.deepEqual((await configured({ CLEF_AGENT_CACHE_TTL: "31536000" })).mode, {
      kind: "cached",
      ttlMs: 31_536_000_000,
    });
  });
  test("is at least 30 s", async () => {
    assert.deepEqual((await configured({ CLEF_AGENT_CACHE_TTL: "30" })).mode, {
      kind: "cached",
      ttlMs: 30_000,
    });
    for (const text of ["1", "29", "-30", "30s", "1800.5", "00x"]) {
      assert.match(
        await configError({ CLEF_AGENT_CACHE_TTL: text }),
        /CLEF_AGENT_CACHE_TTL must be/,
      );
    }
  });
});

describe("the start-up time-out", () => {
  test("of 0 never gives up", async () => {
    assert.equal((await configured({ CLEF_AGENT_STARTUP_TIMEOUT: "0" })).startupTimeoutMs, 0);
  });
  test("is in seconds", async () => {
    assert.equal((await configured({ CLEF_AGENT_STARTUP_TIMEOUT: "5" })).startupTimeoutMs, 5_000);
    assert.match(
      await configError({ CLEF_AGENT_STARTUP_TIMEOUT: "5s" }),
      /CLEF_AGENT_STARTUP_TIMEOUT/,
    );
  });
});

describe("age identities", () => {
  test("come from the variable", async () => {
    const { ageIdentities } = await configured({ CLEF_AGENT_AGE_KEY: AGE_IDENTITY });
    assert.deepEqual(ageIdentities, parseAgeIdentities(AGE_IDENTITY));
  });

  test("come from a file, with comments", async () => {
    const files = { "/key": `# mine\n${AGE_IDENTITY}\n\n${AGE_IDENTITY}\n` };
    const { ageIdentities } = await configured({ CLEF_AGENT_AGE_KEY_FILE: "/key" }, files);
    assert.deepEqual(ageIdentities, parseAgeIdentities(`${AGE_IDENTITY}\n${AGE_IDENTITY}`));
  });

  test("from both places are a conflict", async () => {
    const env = { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, CLEF_AGENT_AGE_KEY_FILE: "/key" };
    assert.match(
      await configError(env, { "/key": AGE_IDENTITY }),
      /^config_conflict: CLEF_AGENT_AGE_KEY and CLEF_AGENT_AGE_KEY_FILE are both set/,
    );
  });

  test("that are wrong are reported under the variable that gave them", async () => {
    assert.match(
      await configError({ CLEF_AGENT_AGE_KEY_FILE: "/key" }, { "/key": "x" }),
      /CLEF_AGENT_AGE_KEY_FILE: line 1/,
    );
    assert.match(await configError({ CLEF_AGENT_AGE_KEY: "x" }), /CLEF_AGENT_AGE_KEY: line 1/);
  });

  test("in a file that is missing or empty are reported", async () => {
    const missing = await configError({ CLEF_AGENT_AGE_KEY_FILE: "/none" });
    assert.match(missing, /^config_unreadable_file: CLEF_AGENT_AGE_KEY_FILE/);
    const empty = await configError({ CLEF_AGENT_AGE_KEY_FILE: "/key" }, { "/key": " \n" });
    assert.match(empty, /^config_invalid: CLEF_AGENT_AGE_KEY_FILE .*empty file/);
  });
});

describe("age identities that nobody configured", () => {
  test("are warned of", async () => {
    assert.match((await configured()).warnings.join("\n"), /CLEF_AGENT_AGE_KEY_FILE/);
  });
});

describe("verify keys", () => {
  test("may be several", async () => {
    const config = await configured({ CLEF_AGENT_VERIFY_KEY: `${VERIFY_KEY},${VERIFY_KEY}` });
    assert.equal(config.verifyKeys.length, 2);
  });
  test("that are private keys are refused", async () => {
    const error = await configError({ CLEF_AGENT_VERIFY_KEY: SIGNING_KEY_PEM });
    assert.match(error, /CLEF_AGENT_VERIFY_KEY: it is a private key/);
  });
  test("that hold nothing never mean that nothing is verified", async () => {
    for (const text of [",", " , ,"]) {
      assert.match(await configError({ CLEF_AGENT_VERIFY_KEY: text }), /it holds no public key/);
    }
  });
});

describe("the token", () => {
  test("is taken as it is", async () => {
    const { token, warnings } = await configured({
      CLEF_AGENT_TOKEN: "abcdefghijklmnop",
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    });
    assert.deepEqual(token, { kind: "fixed", token: "abcdefghijklmnop" });
    assert.deepEqual(warnings, []);
  });
  test("comes from a file, which is not read yet", async () => {
    const { token } = await configured({ CLEF_AGENT_TOKEN_FILE: "/token" });
    assert.deepEqual(token, { kind: "file", path: "/token" });
  });
  test("from both places is a conflict", async () => {
    const env = { CLEF_AGENT_TOKEN: "abcdefghijklmnop", CLEF_AGENT_TOKEN_FILE: "/token" };
    assert.match(
      await configError(env),
      /^config_conflict: CLEF_AGENT_TOKEN and CLEF_AGENT_TOKEN_FILE/,
    );
  });
  test("that cannot travel in a header is refused", async () => {
    for (const token of [
      "with space in it",
      "newline\ninside",
      "tab\tinside",
      "clé-clé-clé",
      "x".repeat(513),
    ]) {
      assert.match(
        await configError({ CLEF_AGENT_TOKEN: token }),
        /^config_invalid: CLEF_AGENT_TOKEN: /,
      );
    }
    assert.equal((await configured({ CLEF_AGENT_TOKEN: "x".repeat(512) })).token.kind, "fixed");
  });
  test("that can be guessed is warned of", async () => {
    for (const token of [
      "letmein",
      "x".repeat(40),
      "0101010101010101",
      "changeme-now!changeme-now!",
    ]) {
      const { warnings } = await configured({ CLEF_AGENT_TOKEN: token });
      assert.match(warnings.join(), /token of CLEF_AGENT_TOKEN .* can be guessed/, token);
      assert.ok(!warnings.join().includes(token));
    }
  });
  test("that is random is not called guessable, whatever its alphabet", async () => {
    for (const token of [randomBytes(32).toString("base64url"), randomBytes(16).toString("hex")]) {
      assert.doesNotMatch(
        (await configured({ CLEF_AGENT_TOKEN: token })).warnings.join(),
        /guessed/,
      );
    }
  });
  test("that nobody configured is warned of", async () => {
    assert.match((await configured()).warnings.join(), /CLEF_AGENT_TOKEN_FILE/);
  });
});

describe("the probe address", () => {
  for (const [text, host, port] of [
    ["0.0.0.0:7780", "0.0.0.0", 7780],
    ["localhost:0", "127.0.0.1", 0],
    ["LocalHost:7780", "127.0.0.1", 7780],
    ["probes.example:7780", "probes.example", 7780],
    ["[::]:7780", "::", 7780],
  ] as const) {
    test(`may be ${text}`, async () => {
      assert.deepEqual((await configured({ CLEF_AGENT_PROBE_LISTEN: text })).probeListen, {
        host,
        port,
      });
    });
  }
  for (const text of [
    "7780",
    ":7780",
    "host:",
    "host:99999",
    "::1:80",
    "http://host:80",
    "host:80/x",
    "a b:80",
  ]) {
    test(`is not ${text}`, async () => {
      assert.match(
        await configError({ CLEF_AGENT_PROBE_LISTEN: text }),
        /CLEF_AGENT_PROBE_LISTEN must be/,
      );
    });
  }
});

describe("the log", () => {
  test("has four levels and two formats", async () => {
    for (const level of ["debug", "info", "warn", "error"]) {
      assert.equal((await configured({ CLEF_AGENT_LOG_LEVEL: level })).logLevel, level);
    }
    for (const format of ["json", "text"]) {
      assert.equal((await configured({ CLEF_AGENT_LOG_FORMAT: format })).logFormat, format);
    }
    assert.match(
      await configError({ CLEF_AGENT_LOG_LEVEL: "trace" }),
      /one of debug, info, warn, error/,
    );
    assert.match(await configError({ CLEF_AGENT_LOG_FORMAT: "xml" }), /one of json, text/);
  });
});

test("the telemetry URL is http or https", async () => {
  const url = "https://collector:4318/v1/logs";
  assert.equal(
    (await configured({ CLEF_AGENT_TELEMETRY_URL: url })).telemetry?.logs?.url.href,
    url,
  );
  assert.match(await configError({ CLEF_AGENT_TELEMETRY_URL: "collector:4318" }), /TELEMETRY_URL/);
});

test("whom the artifact is for comes from its own variables", async () => {
  const env = { CLEF_AGENT_IDENTITY: "api", CLEF_AGENT_ENVIRONMENT: "prod" };
  assert.deepEqual((await configured(env)).expected, { identity: "api", environment: "prod" });
});

test("variables of others are none of our business", async () => {
  assert.deepEqual(
    await configured({ PATH: "/bin", CLEF_OTHER: "x", clef_agent_port: "x" }),
    await configured(),
  );
});

test("all errors are reported together, one line each, naming their variables", async () => {
  const errors = await configErrors({
    CLEF_AGENT_SOURCE: "ftp://x",
    CLEF_AGENT_PORT: "eighty",
    CLEF_AGENT_CACHE_TTL: "5",
    CLEF_AGENT_AGE_KEY: "nonsense",
    CLEF_AGENT_VERIFY_KEY: "nonsense",
    CLEF_AGENT_TOKEN: "a b",
    CLEF_AGENT_LOG_LEVEL: "loud",
    CLEF_AGENT_PROBE_LISTEN: "x",
    CLEF_AGENT_TYPO: "x",
  });
  assert.equal(errors.length, 9);
  for (const { message } of errors) {
    assert.match(message, /CLEF_AGENT_[A-Z]+/);
    assert.doesNotMatch(message, /\n/);
  }
});
