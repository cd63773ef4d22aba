import { spawn } from "node:child_process";
import { join } from "node:path";
import { after } from "node:test";
import { s3ServiceOrigin } from "../support/s3-service.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";
import { type Origin, sourceContract } from "./source.contract.ts";

/** A program of its own, as it is CommonJS without types. */
const PROGRAM = join(import.meta.dirname, "../support/s3rver.mjs");

// One server for the whole file: it takes longer to start than to ask.
const address = await start();
let buckets = 0;

async function start(): Promise<string> {
  const directory = await temporaryDirectory({ after });
  const child = spawn(process.execPath, [PROGRAM, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const port = await eventually("s3rver listens", () => /^(\d+)\n/.exec(said)?.[1]);
  return `http://127.0.0.1:${port}`;
}

async function openS3rver(): Promise<Origin> {
  return s3ServiceOrigin({
    address,
    bucket: `artifacts-${++buckets}`,
    // The one account that it knows.
    owner: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    stranger: "s3rver knows one account, which may do everything",
  });
}

sourceContract({ name: "S3 (s3rver)", type: "s3", open: openS3rver });
