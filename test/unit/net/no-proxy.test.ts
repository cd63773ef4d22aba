import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseHostList } from "../../../src/net/no-proxy.ts";
import { Proxies } from "../../../src/net/proxies.ts";

const has = (list: string, url: string): boolean => parseHostList(list).has(new URL(url));

describe("NO_PROXY", () => {
  for (const [list, url] of [
    ["example.com", "https://example.com/"],
    ["example.com", "https://a.b.example.com/"],
    [".example.com", "https://example.com/"],
    ["*.example.com", "https://a.example.com:8443/"],
    ["EXAMPLE.com", "https://Example.COM./"],
    ["example.com.", "https://a.example.com/"],
    ["bücher.example", "https://xn--bcher-kva.example/"],
    ["a, example.com b", "https://example.com/"],
    ["a example.com", "https://example.com/"],
    ["*", "http://[2001:db8::1]/"],
    ["10.1.2.3", "http://10.1.2.3:8080/"],
    ["2001:db8::1", "http://[2001:db8:0::1]/"],
    ["[2001:db8::1]", "http://[2001:db8::1]/"],
    ["10.0.0.0/8", "https://10.255.0.1/"],
    ["fd00::/8", "https://[fd12:3456::1]/"],
    ["10.0.0.0/8", "https://[::ffff:10.0.0.1]/"],
    ["0.0.0.0/0", "https://192.0.2.1/"],
    ["example.com:443", "https://example.com/"],
    ["example.com:80", "http://a.example.com/"],
    ["10.1.2.3:8443", "https://10.1.2.3:8443/"],
    ["[fd00::1]:8443", "https://[fd00::1]:8443/"],
  ] as const) {
    test(`${list} exempts ${url}`, () => assert.ok(has(list, url)));
  }

  for (const [list, url] of [
    ["", "https://example.com/"],
    ["example.com", "https://badexample.com/"],
    ["example.com", "https://example.com.evil.example/"],
    ["ample.com", "https://example.com/"],
    ["example.com:8443", "https://example.com/"],
    ["10.0.0.0/8", "https://11.0.0.1/"],
    ["10.0.0.0/8", "https://10.0.0.1.example.com/"],
    ["10.1.2.3", "https://10.1.2.30/"],
    ["[fd00::1]:80", "https://[fd00::1]/"],
    ["10.0.0.0/33", "https://10.0.0.1/"],
    ["0.0.0.0/0", "https://[2001:db8::1]/"],
  ] as const) {
    test(`${list === "" ? "nothing" : list} does not exempt ${url}`, () =>
      assert.ok(!has(list, url)));
  }

  test("says which entries it could not read", () => {
    assert.deepEqual(
      parseHostList("a.example,10.0.0.0/33 http://x [zz]:80 b.example").unreadable,
      [2, 3, 4],
    );
  });
});

test("what is on this machine, or gives a cloud's credentials, is never asked through a proxy", () => {
  const url = new URL("http://proxy.example:3128");
  const proxy = { variable: "HTTPS_PROXY", url, authorization: undefined };
  const proxies = new Proxies({
    http: proxy,
    https: proxy,
    exempt: "",
    direct: ["198.51.100.7:9001"],
  });
  for (const address of [
    "http://localhost:7779/",
    "http://a.localhost/",
    "http://127.0.0.1/",
    "http://127.9.9.9/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/",
    "http://169.254.170.2/v2",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fd00:ec2::23]/v1",
    "http://metadata.google.internal/",
    "http://metadata.google.internal./",
    "http://198.51.100.7:9001/2020-01-01",
  ]) {
    assert.equal(proxies.for(new URL(address)), undefined, address);
  }
  for (const address of [
    "http://198.51.100.7/",
    "http://170.254.1.1/",
    "https://localhost.example/",
  ]) {
    assert.equal(proxies.for(new URL(address)), proxy, address);
  }
});
