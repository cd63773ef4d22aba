import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gcsSource } from "../../src/source/gcs.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { DIRECT } from "../support/network.ts";
import { installedProgram, startProgram } from "../support/program.ts";
import { type Origin, sourceContract } from "../contract/source.contract.ts";

const program = installedProgram("bin/fake-gcs-server");

if (program === undefined) {
  test(
    "fake-gcs-server",
    { skip: "fake-gcs-server is missing: .ci/install-interop" },
    () => undefined,
  );
} else {
  const { port } = await startProgram({ after }, program, (own) => [
    "-scheme",
    "http",
    "-host",
    "127.0.0.1",
    "-port",
    String(own),
    "-backend",
    "memory",
    "-public-host",
    `127.0.0.1:${own}`,
    "-log-level",
    "error",
  ]);
  const address = `http://127.0.0.1:${port}`;
  process.env["STORAGE_EMULATOR_HOST"] = address;
  let buckets = 0;
  const open = async (): Promise<Origin> => {
    const bucket = `artifacts-${++buckets}`;
    const object = "packed/api gateway/prod+eu (ü)!.age.json";
    const sends = async (method: string, path: string, body?: Uint8Array): Promise<void> => {
      const response = await fetch(`${address}${path}`, {
        method,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      });
      assert.ok(response.ok || response.status === 404, `${method} ${path}: ${response.status}`);
    };
    await sends("POST", "/storage/v1/b", Buffer.from(JSON.stringify({ name: bucket })));
    const name = encodeURIComponent(object);
    const holds = (bytes: Uint8Array): Promise<void> =>
      sends("POST", `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}`, bytes);
    return {
      source: gcsSource({ bucket, object, generation: undefined }, { network: DIRECT }),
      credential: undefined,
      holds,
      // This emulator takes no conditions; that what is held is known again is the agent's own doing.
      sentBytes: null,
      sendsSlowly: null,
      redirects: null,
      failures: {
        notFound: () => sends("DELETE", `/storage/v1/b/${bucket}/o/${name}`),
        forbidden: async () => "this emulator has no permissions",
        unauthorized: null,
        serverError: null,
        rateLimited: null,
        hangs: null,
        cutShort: null,
        tooLarge: () => holds(Buffer.alloc(ARTIFACT_MAX_BYTES + 1)),
      },
    };
  };
  sourceContract({ name: "Google Cloud Storage (fake-gcs-server)", type: "gcs", open });
}
