import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, test } from "node:test";
import { parseConnectionString } from "../../src/azure/connection-string.ts";
import { azureBlobSource } from "../../src/source/azure-blob.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { DIRECT } from "../support/network.ts";
import { installedProgram, startProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Origin, sourceContract } from "../contract/source.contract.ts";

const program = installedProgram("azurite/node_modules/azurite/dist/src/blob/main.js");

if (program === undefined) {
  test("Azurite", { skip: "azurite is missing: .ci/install-interop" }, () => undefined);
} else {
  const location = await temporaryDirectory({ after });
  const { port } = await startProgram({ after }, process.execPath, (own) => [
    program,
    "--blobHost",
    "127.0.0.1",
    "--blobPort",
    String(own),
    "--location",
    location,
    "--silent",
    "--skipApiVersionCheck",
  ]);
  const connected = (key: string): string =>
    `UseDevelopmentStorage=true;BlobEndpoint=http://127.0.0.1:${port}/devstoreaccount1${key}`;
  const { account, endpoint, key } = parseConnectionString(connected(""));
  assert.ok(key !== undefined);
  let containers = 0;
  const open = async (): Promise<Origin> => {
    const container = `artifacts-${++containers}`;
    const blob = "packed/api gateway/prod+eu (ü)!.age.json";
    const sends = async (
      method: "PUT" | "DELETE",
      path: string,
      body?: Uint8Array,
    ): Promise<void> => {
      const url = new URL(`${endpoint}/${path}`);
      const headers: Record<string, string> = {
        "x-ms-version": "2020-10-02",
        "x-ms-date": new Date().toUTCString(),
      };
      if (body !== undefined) headers["x-ms-blob-type"] = "BlockBlob";
      const signed = signedBy(method, url, headers, body?.length ?? 0);
      const response = await fetch(url, {
        method,
        headers: signed,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      });
      assert.ok(
        response.ok || response.status === 404,
        `${method} ${path}: ${response.status} ${await response.text()}`,
      );
    };
    await sends("PUT", `${container}?restype=container`);
    const path = `${container}/${blob.split("/").map(encodeURIComponent).join("/")}`;
    const holds = (bytes: Uint8Array): Promise<void> => sends("PUT", path, bytes);
    const opened = (text: string): Origin["source"] => {
      process.env["AZURE_STORAGE_CONNECTION_STRING"] = text;
      return azureBlobSource(
        { account, container, blob, query: [], host: undefined },
        { network: DIRECT },
      );
    };
    const good = opened(connected(""));
    let source = good;
    return {
      source: { ...good, fetch: (request) => source.fetch(request) },
      credential: key.toString("base64"),
      async holds(bytes) {
        source = good;
        await holds(bytes);
      },
      sentBytes: null,
      sendsSlowly: null,
      redirects: null,
      failures: {
        notFound: () => sends("DELETE", path),
        async forbidden() {
          await holds(Buffer.from("x"));
          source = opened(connected(`;AccountKey=${Buffer.alloc(64).toString("base64")}`));
          return undefined;
        },
        unauthorized: null,
        serverError: null,
        rateLimited: null,
        hangs: null,
        cutShort: null,
        tooLarge: () => holds(Buffer.alloc(ARTIFACT_MAX_BYTES + 1)),
      },
    };
  };

  /** A request that the agent never makes, signed with the account's key. */
  function signedBy(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    length: number,
  ): Record<string, string> {
    const own = Object.entries(headers).toSorted(([one], [other]) => (one < other ? -1 : 1));
    const text = [
      method,
      "",
      "",
      length === 0 ? "" : String(length),
      ...Array<string>(8).fill(""),
      ...own.map(([name, value]) => `${name}:${value}`),
      `/${account}${url.pathname}`,
      ...[...url.searchParams].map(([name, value]) => `${name}:${value}`),
    ].join("\n");
    const signature = createHmac("sha256", key ?? "")
      .update(text)
      .digest("base64");
    return { ...headers, authorization: `SharedKey ${account}:${signature}` };
  }
  sourceContract({ name: "Azure Blob Storage (Azurite)", type: "azure_blob", open });
}
