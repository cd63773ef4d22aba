import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PLAIN_NETWORK } from "../../../src/net/settings.ts";
import { authority, certificateFor } from "../../support/certificate.ts";
import { configError, configErrors, configured, type Env } from "../../support/config.ts";

const CA = authority().cert;
const PAIR = certificateFor(["agent"]);

const proxyOf = async (env: Env): Promise<string | undefined> =>
  (await configured(env)).network.proxies.https?.url.href;

describe("a proxy variable", () => {
  for (const [text, url] of [
    ["http://proxy.example:3128", "http://proxy.example:3128/"],
    ["https://proxy.example", "https://proxy.example/"],
    ["proxy.example:3128", "http://proxy.example:3128/"],
    ["HTTP://Proxy.Example:3128/", "http://proxy.example:3128/"],
    ["user:pa%40ss@10.0.0.1:3128", "http://10.0.0.1:3128/"],
    ["[fd00::1]:3128", "http://[fd00::1]:3128/"],
    ["  http://proxy.example:3128\n", "http://proxy.example:3128/"],
  ] as const) {
    test(`may be ${JSON.stringify(text)}`, async () => {
      assert.equal(await proxyOf({ HTTPS_PROXY: text }), url);
    });
  }

  for (const text of [
    "socks5://user:pw-alpha@proxy.example:1080",
    "ftp://pw-alpha",
    "http://user:pw-alpha/2@proxy.example:3128",
    "http://user:pw-alpha#2@proxy.example:3128",
    "http://user:pw-alpha?2@proxy.example:3128",
    "http://user:1\\pw-alpha@proxy.example:3128",
    "http://proxy.example:3128/pw-alpha",
    "http://",
    "pw-alpha pw-beta",
  ]) {
    test(`is refused as ${JSON.stringify(text)}, by its name and without its value`, async () => {
      for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) {
        const error = await configError({ [name]: text });
        assert.match(
          error,
          new RegExp(`^config_invalid: ${name} must be http://host:port or https://host:port`),
        );
        assert.doesNotMatch(error, /pw-alpha|proxy\.example/);
      }
    });
  }

  test("counts first in lower case; an empty one is not set", async () => {
    const [one, other] = ["http://one.example/", "http://other.example/"];
    assert.equal(await proxyOf({ https_proxy: one, HTTPS_PROXY: other }), one);
    assert.equal(await proxyOf({ https_proxy: "", HTTPS_PROXY: other }), other);
    const { proxies } = (await configured({ no_proxy: "a", NO_PROXY: "b", HTTPS_PROXY: one }))
      .network;
    assert.equal(proxies.exempt, "a");
  });

  test("gives its user name and password to the proxy alone", async () => {
    const { https } = (await configured({ HTTPS_PROXY: "us%C3%A9r:p%40ss@proxy.example" })).network
      .proxies;
    const expected = `Basic ${Buffer.from("usér:p@ss").toString("base64")}`;
    assert.equal(https?.authorization, expected);
    assert.equal(https.url.href, "http://proxy.example/");
  });

  test("is not ALL_PROXY", async () => {
    assert.equal(
      await proxyOf({ ALL_PROXY: "http://proxy.example", all_proxy: "http://x" }),
      undefined,
    );
  });
});

test("what is exempt from proxies makes no difference where there is none", async () => {
  const { network } = await configured({
    NO_PROXY: "a.example",
    AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
  });
  assert.equal(network, PLAIN_NETWORK);
});

test("Lambda's API is never asked through a proxy", async () => {
  const env = { HTTPS_PROXY: "proxy.example", AWS_LAMBDA_RUNTIME_API: "198.51.100.7:9001" };
  const { proxies } = (await configured(env)).network;
  assert.deepEqual(proxies.direct, ["198.51.100.7:9001"]);
});

describe("an entry of NO_PROXY that cannot be read", () => {
  const HTTPS_PROXY = "proxy.example";
  test("is warned of by its position and not repeated, where a proxy is set", async () => {
    const { warnings } = await configured({
      HTTPS_PROXY,
      NO_PROXY: "a.example,http://odd,10.0.0.0/99",
    });
    assert.ok(
      warnings.includes("NO_PROXY: entry 2, 3 is no name, address or network, and is ignored"),
      warnings.join("\n"),
    );
    const lower = await configured({ HTTPS_PROXY, no_proxy: "http://odd" });
    assert.match(lower.warnings.join(), /no_proxy: entry 1 /);
  });

  test("is nobody's business without one", async () => {
    const { warnings } = await configured({ NO_PROXY: "http://odd" });
    assert.doesNotMatch(warnings.join(), /NO_PROXY/);
  });
});

describe("a file of certificates that is named", () => {
  const NAMES = ["CLEF_AGENT_CA_FILE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"];
  for (const name of NAMES) {
    test(`in ${name} must be there and hold one`, async () => {
      const files = {
        "/ca": CA,
        "/none": "# nothing\n",
        "/odd": CA.replaceAll(/^[^-].*$/gm, "AAAA"),
      };
      await configured({ [name]: "/ca" }, files);
      for (const [path, says] of [
        ["/gone", `config_unreadable_file: ${name}: the file does not exist`],
        [
          "/none",
          `config_invalid: ${name}: the file holds no certificate; it must be PEM, -----BEGIN CERTIFICATE-----`,
        ],
        ["/odd", `config_invalid: ${name}: no certificate in the file can be read`],
      ] as const) {
        assert.equal(await configError({ [name]: path }, files), says);
      }
    });
  }

  test("is one of several that are trusted together, AWS's apart", async () => {
    const env = Object.fromEntries(NAMES.map((name) => [name, "/ca"]));
    const { trust } = (await configured({ ...env, SSL_CERT_DIR: "/a:/b" }, { "/ca": CA })).network;
    assert.deepEqual(
      trust.files.map(({ variable }) => variable),
      NAMES.slice(0, 3),
    );
    assert.equal(trust.awsFile?.variable, "AWS_CA_BUNDLE");
    assert.deepEqual(trust.directories, ["/a", "/b"]);
    assert.equal(trust.only, false);
  });

  test("in CLEF_AGENT_CA_FILE is the only one with CLEF_AGENT_CA_ONLY, whatever the others are", async () => {
    const others = { SSL_CERT_FILE: "/gone", AWS_CA_BUNDLE: "/gone", SSL_CERT_DIR: "/a" };
    const only = { CLEF_AGENT_CA_FILE: "/ca", CLEF_AGENT_CA_ONLY: "true" };
    const { trust } = (await configured({ ...others, ...only }, { "/ca": CA })).network;
    assert.deepEqual(trust, {
      files: [{ variable: "CLEF_AGENT_CA_FILE", path: "/ca" }],
      awsFile: undefined,
      directories: [],
      only: true,
    });
  });

  test("is missed where CLEF_AGENT_CA_ONLY asks for it, which is true or false", async () => {
    assert.match(
      await configError({ CLEF_AGENT_CA_ONLY: "true" }),
      /^config_missing: CLEF_AGENT_CA_ONLY is true, but CLEF_AGENT_CA_FILE is not set/,
    );
    assert.match(
      await configError({ CLEF_AGENT_CA_ONLY: "yes" }),
      /^config_invalid: CLEF_AGENT_CA_ONLY must be one of true, false/,
    );
  });
});

describe("a client certificate", () => {
  const [CERT, KEY] = ["CLEF_AGENT_CLIENT_CERT_FILE", "CLEF_AGENT_CLIENT_KEY_FILE"];
  const files = { "/cert": PAIR.cert, "/key": PAIR.key, "/both": PAIR.cert + PAIR.key };
  const both = { [CERT]: "/cert", [KEY]: "/key" };
  const source = { CLEF_AGENT_SOURCE: "https://artifacts.example/a.json" };

  test("is a pair of files, or one that holds both", async () => {
    for (const env of [both, { [CERT]: "/both", [KEY]: "/both" }]) {
      const { network, warnings } = await configured({ ...source, ...env }, files);
      assert.notEqual(network.clientCertificate, undefined);
      assert.doesNotMatch(warnings.join(), /CLIENT_CERT/);
    }
  });

  test("needs both variables", async () => {
    for (const [given, missing] of [
      [CERT, KEY],
      [KEY, CERT],
    ] as const) {
      assert.match(
        await configError({ [given]: "/cert" }, files),
        new RegExp(`^config_missing: ${missing} is not set`),
      );
    }
  });

  test("must be readable, in PEM, without a passphrase, and belong together", async () => {
    const encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    const odd = {
      ...files,
      "/odd": "x",
      "/other": certificateFor(["agent"]).key,
      "/locked": encrypted,
    };
    for (const [env, says] of [
      [{ [CERT]: "/gone" }, /^config_unreadable_file: CLEF_AGENT_CLIENT_CERT_FILE: /],
      [{ [KEY]: "/gone" }, /^config_unreadable_file: CLEF_AGENT_CLIENT_KEY_FILE: /],
      [{ [CERT]: "/odd" }, /^config_invalid: CLEF_AGENT_CLIENT_CERT_FILE: the file holds no cert/],
      [{ [KEY]: "/odd" }, /^config_invalid: CLEF_AGENT_CLIENT_KEY_FILE: the file holds no private/],
      [{ [KEY]: "/locked" }, /CLEF_AGENT_CLIENT_KEY_FILE: .*one with a passphrase cannot/],
      [{ [KEY]: "/other" }, /the key in CLEF_AGENT_CLIENT_KEY_FILE does not belong to the cert/],
    ] as const) {
      assert.match(await configError({ ...source, ...both, ...env }, odd), says);
    }
  });

  test("is said to be of no use where the artifact does not come by https", async () => {
    for (const CLEF_AGENT_SOURCE of [
      "/a.json",
      "http://a.example/a",
      "s3://bucket/k",
      "gs://bucket/o",
    ]) {
      const { warnings } = await configured({ CLEF_AGENT_SOURCE, ...both }, files);
      assert.match(warnings.join(), /CLEF_AGENT_CLIENT_CERT_FILE is not used/, CLEF_AGENT_SOURCE);
    }
  });

  test("has a key whose file is guarded as the others are", async () => {
    const { guarded } = await configured({ ...source, ...both }, files);
    assert.ok(guarded.some(({ variable }) => variable === KEY));
  });
});

test("everything that is wrong with the network is said at once, with what is wrong elsewhere", async () => {
  const errors = await configErrors({
    HTTPS_PROXY: "socks5://x",
    http_proxy: "ftp://x",
    CLEF_AGENT_CA_FILE: "/gone",
    CLEF_AGENT_CLIENT_KEY_FILE: "/gone",
    CLEF_AGENT_PORT: "x",
  });
  assert.equal(errors.length, 5);
});
