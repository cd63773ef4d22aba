import { awsKms } from "../../../src/kms/aws.ts";
import { fuzzKms } from "../support/fuzz-kms.ts";
import { networkTo } from "../support/network-to.ts";
import { ANSWER_WORDS, answers, hurry } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555";
/** What is given as a secret key, and must stand in no message. */
const SECRET = "wJalrXUtnFEMI-zQ7xK9vW";

const DATA_KEY = Buffer.alloc(32, 7);
const GIVEN = JSON.stringify({
  AccessKeyId: "AKIDEXAMPLE",
  SecretAccessKey: SECRET,
  Token: "t",
  Expiration: "2999-01-01T00:00:00Z",
});
const UNWRAPPED = JSON.stringify({
  KeyId: KEY,
  Plaintext: DATA_KEY.toString("base64"),
  EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
});
const WRAPPED = JSON.stringify({ KeyId: KEY, CiphertextBlob: "AAAA" });
const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

const services = await answers((request) => {
  if (request.includes("TrentService.Encrypt")) return WRAPPED;
  if (request.includes("TrentService.Decrypt")) return UNWRAPPED;
  if (request.startsWith("PUT /latest/api/token")) return "token";
  if (request.startsWith("GET /latest/meta-data/iam/security-credentials/ ")) return "role";
  if (request.includes("AssumeRoleWithWebIdentity")) return ASSUMED;
  return GIVEN;
});
const network = networkTo(services);
// AWS KMS is asked over a view of its own.
Object.assign(network, { aws: () => network });
const unhurry = hurry(1_000);

const endpoint = `http://127.0.0.1:${services.port}`;
/** Where credentials come from, by the first byte of the input. */
const IDENTITIES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["c", { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials` }],
  ["i", { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint }],
  [
    "w",
    {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/r",
      // Any file that is there is a token.
      AWS_WEB_IDENTITY_TOKEN_FILE: "/proc/self/comm",
      AWS_EC2_METADATA_DISABLED: "true",
    },
  ],
  ["k", { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET }],
]);

const error = (status: number, type: string): string => {
  const body = `{"__type":"com.amazonaws.kms#${type}","message":"m"}`;
  return `HTTP/1.1 ${status} x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** What AWS KMS, STS and the services of a task's and a machine's credentials answer, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 900,
  close() {
    unhurry();
    services.close();
  },
  seeds: [
    `k${UNWRAPPED}`,
    `c${GIVEN}<next>${UNWRAPPED}`,
    `itoken<next>role<next>${GIVEN}<next>${UNWRAPPED}`,
    `w${ASSUMED}<next>${UNWRAPPED}`,
    `K${WRAPPED}`,
    `kHTTP/1.1 400 Bad Request\r\nx-amzn-errortype: AccessDeniedException\r\ncontent-length: 2\r\n\r\n{}`,
    `k${error(400, "ExpiredTokenException").replace("\r\n", "\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n")}<next>`,
    ...[
      "NotFoundException",
      "DisabledException",
      "InvalidKeyUsageException",
      "InvalidCiphertextException",
      "ThrottlingException",
    ].map((type) => `k${error(400, type)}`),
    `k${error(500, "KMSInternalException")}<next>${error(503, "DependencyTimeoutException")}`,
    `cHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n`,
    `c${GIVEN.replace("wJal", "w Jal")}`,
    `w<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>`,
  ],
  words: [
    ...ANSWER_WORDS,
    ..."AccessKeyId SecretAccessKey Token Expiration Plaintext KeyId CiphertextBlob EncryptionAlgorithm __type message Code LastUpdated Type RoleArn"
      .split(" ")
      .map((name) => `"${name}":`),
    ..."Credentials AccessKeyId SecretAccessKey SessionToken Expiration Error Code"
      .split(" ")
      .flatMap((name) => [`<${name}>`, `</${name}>`]),
    ..."Exception Throttling DisabledException AccessDenied <![CDATA[ ]]> &lt; &#0; <!-- <?xml 2999-01-01T00:00:00Z".split(
      " ",
    ),
    "x-amzn-errortype: ",
    SECRET,
    UNWRAPPED,
    GIVEN,
  ],
  run: (input) =>
    fuzzKms(input, {
      services,
      open: (signal) => awsKms({ network, signal }),
      key: KEY,
      dataKey: DATA_KEY,
      env: { AWS_REGION: "eu-central-1", AWS_ENDPOINT_URL_KMS: endpoint },
      identities: IDENTITIES,
      usual: "k",
      credentials: [SECRET],
    }),
};
