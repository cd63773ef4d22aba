import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32c } from "../../../src/kms/crc32c.ts";
import { gcpKms } from "../../../src/kms/gcp.ts";
import { fuzzKms } from "../support/fuzz-kms.ts";
import { networkTo } from "../support/network-to.ts";
import { ANSWER_WORDS, answers, hurry } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

const KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/k";
/** What is given as a token, and must stand in no message. */
const TOKEN = "ya29.zQ7xK9vW";

const DATA_KEY = Buffer.alloc(32, 7);
const UNWRAPPED = JSON.stringify({
  plaintext: DATA_KEY.toString("base64"),
  plaintextCrc32c: String(crc32c(DATA_KEY)),
});
const WRAPPED = JSON.stringify({
  name: `${KEY}/cryptoKeyVersions/1`,
  ciphertext: "AAAA",
  ciphertextCrc32c: String(crc32c(Buffer.alloc(3))),
  verifiedPlaintextCrc32c: true,
});
const GIVEN = JSON.stringify({
  access_token: TOKEN,
  token_type: "Bearer",
  expires_in: 3600,
  issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
});
const IMPERSONATED = JSON.stringify({ accessToken: TOKEN, expireTime: "2999-01-01T00:00:00Z" });

const services = await answers((request) => {
  if (request.includes(":encrypt ")) return WRAPPED;
  if (request.includes(":decrypt ")) return UNWRAPPED;
  return request.includes(":generateAccessToken ") ? IMPERSONATED : GIVEN;
});
const network = networkTo(services);
const unhurry = hurry(5_000);

const directory = mkdtempSync(path.join(tmpdir(), "clef-agent-fuzz-gcp-"));
const written = (name: string, content: unknown): string => {
  const file = path.join(directory, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};
const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
const federation = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: { file: written("token", "subject") },
};
const impersonating = {
  ...federation,
  service_account_impersonation_url:
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken",
};

/** Where credentials come from, by the first byte of the input. */
const IDENTITIES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["u", { GOOGLE_APPLICATION_CREDENTIALS: written("user.json", user) }],
  ["f", { GOOGLE_APPLICATION_CREDENTIALS: written("federation.json", federation) }],
  ["i", { GOOGLE_APPLICATION_CREDENTIALS: written("impersonating.json", impersonating) }],
  ["m", { GCE_METADATA_HOST: `127.0.0.1:${services.port}` }],
]);

const error = (code: number, status: string, more = ""): string => {
  const body = `{"error":{"code":${code},"status":"${status}","details":[${more}]}}`;
  return `HTTP/1.1 ${code} x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** What Cloud KMS, Google's token endpoints and the metadata server answer, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 900,
  close() {
    unhurry();
    services.close();
    rmSync(directory, { recursive: true });
  },
  seeds: [
    `u${GIVEN}<next>${UNWRAPPED}`,
    `f${GIVEN}<next>${UNWRAPPED}`,
    `i${GIVEN}<next>${IMPERSONATED}<next>${UNWRAPPED}`,
    `mHTTP/1.1 200 OK\r\nmetadata-flavor: Google\r\ncontent-length: ${GIVEN.length}\r\n\r\n${GIVEN}<next><next>`,
    `U<next>${WRAPPED}`,
    `uHTTP/1.1 400 x\r\ncontent-length: 25\r\n\r\n{"error":"invalid_grant"}`,
    `u<next>${error(401, "UNAUTHENTICATED")}<next><next>`,
    `u<next>${error(403, "PERMISSION_DENIED", '{"reason":"SERVICE_DISABLED"}')}`,
    `u<next>${error(403, "PERMISSION_DENIED", '{"reason":"IAM_PERMISSION_DENIED"}')}`,
    `u<next>${error(404, "NOT_FOUND")}`,
    `u<next>${error(429, "RESOURCE_EXHAUSTED").replace("\r\n", "\r\nretry-after: 7\r\n")}`,
    `u<next>${error(400, "FAILED_PRECONDITION", '{"violations":[{"type":"CRYPTO_SCHEME_MISMATCH"}]}')}`,
    `u<next>${error(400, "INVALID_ARGUMENT")}`,
    `u<next>${error(503, "UNAVAILABLE")}<next>${error(500, "INTERNAL")}`,
    `u<next>HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"plain<next>`,
    `u<next>HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n`,
  ],
  words: [
    ...ANSWER_WORDS,
    ..."plaintext plaintextCrc32c ciphertext ciphertextCrc32c verifiedPlaintextCrc32c access_token expires_in token_type accessToken expireTime error status details reason violations type error_description"
      .split(" ")
      .map((name) => `"${name}":`),
    ..."PERMISSION_DENIED IAM_PERMISSION_DENIED FAILED_PRECONDITION INVALID_ARGUMENT UNAUTHENTICATED CRYPTO_SCHEME_MISMATCH invalid_grant".split(
      " ",
    ),
    TOKEN,
    UNWRAPPED,
    GIVEN,
  ],
  run: (input) =>
    fuzzKms(input, {
      services,
      open: (signal) => gcpKms({ network, signal }),
      key: KEY,
      dataKey: DATA_KEY,
      env: { CLOUDSDK_CONFIG: "/nonexistent" },
      identities: IDENTITIES,
      usual: "u",
      credentials: [TOKEN],
    }),
};
