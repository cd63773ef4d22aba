import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { installedProgram, startProgram } from "../support/program.ts";
import { type Key, s3ServiceOrigin } from "../support/s3-service.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Origin, sourceContract } from "../contract/source.contract.ts";

const program = installedProgram("bin/versitygw");

if (program === undefined) {
  test(
    "Versity S3 Gateway",
    { skip: "versitygw is missing: .ci/install-interop" },
    () => undefined,
  );
} else {
  const directory = await temporaryDirectory({ after });
  const folders = ["data", "iam", "meta"].map((name) => join(directory, name));
  await Promise.all(folders.map((folder) => mkdir(folder)));
  const [data = "", iam = "", meta = ""] = folders;
  const owner: Key = { accessKeyId: "AKIAOWNER", secretAccessKey: "alpha-secret/+=" };
  const stranger: Key = { accessKeyId: "AKIASTRANGER", secretAccessKey: "beta-secret" };
  const keysOf = ({ accessKeyId, secretAccessKey }: Key): readonly string[] => [
    "--access",
    accessKeyId,
    "--secret",
    secretAccessKey,
  ];
  const { port } = await startProgram({ after }, program, (own) => [
    ...keysOf(owner),
    "--port",
    `127.0.0.1:${own}`,
    "--iam-dir",
    iam,
    "--quiet",
    // Not every file system has attributes to keep an ETag in.
    "posix",
    "--sidecar",
    meta,
    data,
  ]);
  const address = `http://127.0.0.1:${port}`;
  execFileSync(program, [
    "admin",
    ...keysOf(owner),
    "--endpoint-url",
    address,
    "create-user",
    ...keysOf(stranger),
    "--role",
    "user",
  ]);
  let buckets = 0;
  const open = (): Promise<Origin> =>
    s3ServiceOrigin({ address, bucket: `artifacts-${++buckets}`, owner, stranger });
  sourceContract({ name: "S3 (Versity S3 Gateway)", type: "s3", open });
}
