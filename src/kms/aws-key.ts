import { configuredRegion, type EndpointVariants } from "../aws/settings.ts";
import { AWS_WORDS } from "./aws-words.ts";
import { kmsError, type Operation } from "./problem.ts";

/** How a key is named in a request, and where the request goes. */
export interface AwsKeyAddress {
  readonly name: string;
  readonly region: string;
  readonly partition: string;
}

const REGION = "[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\\d{1,2}";
const ID = "(?:mrk-)?[0-9a-zA-Z-]{1,64}";
const ALIAS = "alias/[\\w/-]{1,250}";
const KEY_ARN = new RegExp(`^arn:(aws(?:-[a-z]+){0,3}):kms:(${REGION}):\\d{12}:key/${ID}$`);
const ALIAS_ARN = new RegExp(`^arn:(aws(?:-[a-z]+){0,3}):kms:(${REGION}):\\d{12}:${ALIAS}$`);
const BARE = new RegExp(`^(?:${ALIAS}|${ID})$`);

interface Suffixes {
  readonly plain: string;
  readonly dualStack: string;
}

/** Where each partition's services are (AWS General Reference, "AWS service endpoints"). */
const AWS: Suffixes = { plain: "amazonaws.com", dualStack: "api.aws" };
const SUFFIXES: ReadonlyMap<string, Suffixes> = new Map([
  ["aws", AWS],
  ["aws-us-gov", AWS],
  ["aws-cn", { plain: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" }],
  ["aws-eusc", { plain: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" }],
  ["aws-iso", { plain: "c2s.ic.gov", dualStack: "api.aws.ic.gov" }],
  ["aws-iso-b", { plain: "sc2s.sgov.gov", dualStack: "api.aws.scloud" }],
  ["aws-iso-e", { plain: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" }],
  ["aws-iso-f", { plain: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" }],
]);

/**
 * Reads the ARN of a key. The region in it decides the host that a signed request goes to, so nothing
 * but a region may stand there.
 *
 * @returns undefined for anything else, aliases included.
 */
export function parseKeyArn(text: string): AwsKeyAddress | undefined {
  return readArn(KEY_ARN, text);
}

/**
 * Reads the name of a key as a person gives it: an ARN, of an alias too, or the bare name of a key or
 * alias in the region that is configured.
 *
 * @throws AgentError `kms_failed` if it is none, or there is no region.
 */
export async function locateKey(operation: Operation, text: string): Promise<AwsKeyAddress> {
  const arn = parseKeyArn(text) ?? readArn(ALIAS_ARN, text);
  if (arn !== undefined) return arn;
  if (!BARE.test(text)) {
    const expected = "an ARN, alias/NAME or the id of a key";
    throw kmsError(AWS_WORDS, operation, text, { kind: "bad_key_name", expected });
  }
  const region = await configuredRegion();
  if (region === undefined || !new RegExp(`^${REGION}$`).test(region)) {
    const detail = "there is no region in that name; give an ARN, or set AWS_REGION";
    throw kmsError(AWS_WORDS, operation, text, { kind: "unexpected", detail });
  }
  const partition = region.startsWith("cn-") ? "aws-cn" : "aws";
  return { name: text, region, partition };
}

/**
 * The address of AWS KMS in a key's region (AWS KMS Developer Guide, "Dual-stack endpoint support"; AWS
 * General Reference, "FIPS endpoints").
 */
export function awsKmsEndpoint(
  { region, partition }: AwsKeyAddress,
  { fips, dualStack }: EndpointVariants,
): URL {
  const suffixes = SUFFIXES.get(partition) ?? AWS;
  const suffix = dualStack ? suffixes.dualStack : suffixes.plain;
  return new URL(`https://kms${fips ? "-fips" : ""}.${region}.${suffix}/`);
}

function readArn(pattern: RegExp, text: string): AwsKeyAddress | undefined {
  const [, partition, region] = pattern.exec(text) ?? [];
  if (partition === undefined || region === undefined || !SUFFIXES.has(partition)) return undefined;
  return { name: text, region, partition };
}
