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
 * Reads the name of a key as a person or an older artifact gives it: an ARN, of an alias too, or the bare
 * name of a key or alias in the region that is configured (contract, section 1).
 *
 * @throws AgentError `kms_failed`, or `kms_unwrap`, if it is none, or there is no region.
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
    const detail = "there is no region in that name; set AWS_REGION, or name the key by its ARN";
    throw kmsError(AWS_WORDS, operation, text, { kind: "unexpected", detail });
  }
  const partition = region.startsWith("cn-") ? "aws-cn" : "aws";
  return { name: text, region, partition };
}

/**
 * Whether an answer is of the key that was asked for. A key is itself. An alias may lead to any key, but
 * to none of another region or, where its ARN says which, of another account. A bare name is of the
 * account of the credentials, as AWS KMS itself reads it.
 */
export function isAnswerOf({ name, region }: AwsKeyAddress, answered: unknown): answered is string {
  if (typeof answered !== "string" || parseKeyArn(answered)?.region !== region) return false;
  const [prefix = "", alias] = name.split(":alias/");
  if (alias !== undefined) return answered.startsWith(`${prefix}:key/`);
  if (name.startsWith("alias/")) return true;
  return answered === name || (BARE.test(name) && answered.endsWith(`:key/${name}`));
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
