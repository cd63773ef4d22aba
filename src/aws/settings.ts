import {
  loadConfig,
  nodeDualstackConfigSelectors,
  nodeFipsConfigSelectors,
} from "@smithy/core/config";
import { AgentError } from "../errors.ts";

/** A service that the agent speaks to, as AWS names it in variables, hosts and signatures. */
export type AwsService = "s3" | "kms";

/**
 * The region from AWS_REGION, AWS_DEFAULT_REGION or the profile, or undefined if none of them has it.
 */
export function configuredRegion(): Promise<string | undefined> {
  return loadConfig<string | undefined>({
    environmentVariableSelector: (env) => firstSet(env["AWS_REGION"], env["AWS_DEFAULT_REGION"]),
    configFileSelector: (profile) => firstSet(profile["region"]),
    default: undefined,
  })();
}

/** Which of a service's hosts are asked for. */
export interface EndpointVariants {
  readonly fips: boolean;
  /** IPv6 too. */
  readonly dualStack: boolean;
}

/** Whether AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or the profile, ask for such hosts. */
export async function configuredVariants(): Promise<EndpointVariants> {
  const [fips, dualStack] = await Promise.all([
    loadConfig(nodeFipsConfigSelectors)(),
    loadConfig(nodeDualstackConfigSelectors)(),
  ]);
  return { fips: fips ?? false, dualStack: dualStack ?? false };
}

/** Where requests go instead of to AWS. */
export interface ConfiguredEndpoint {
  readonly url: URL;
  /** What to look at when it cannot be reached. */
  readonly variable: string;
}

/**
 * The endpoint that is configured for a service instead of its own: AWS_ENDPOINT_URL_S3 or
 * AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, the profile's services section, the profile's endpoint_url;
 * undefined without any, or with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS (AWS SDKs and Tools Reference
 * Guide, "Service-specific endpoints").
 *
 * @throws AgentError `config_invalid` if it is no http(s) URL.
 */
export async function configuredEndpoint(
  service: AwsService,
): Promise<ConfiguredEndpoint | undefined> {
  if (await endpointsAreIgnored()) return undefined;
  const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const found = await loadConfig<{ text: string; variable: string } | undefined>({
    environmentVariableSelector: (env) =>
      [own, "AWS_ENDPOINT_URL"]
        .map((variable) => ({ text: env[variable] ?? "", variable }))
        .find(({ text }) => text !== ""),
    configFileSelector: (profile, files) => {
      const services = files?.[`services.${profile["services"]}`];
      const text = firstSet(services?.[`${service}.endpoint_url`], profile["endpoint_url"]);
      return text === undefined ? undefined : { text, variable: "endpoint_url in the AWS config" };
    },
    default: undefined,
  })();
  if (found === undefined) return undefined;
  return { url: parseEndpoint(found.text, found.variable), variable: found.variable };
}

function endpointsAreIgnored(): Promise<boolean> {
  return loadConfig<boolean>({
    environmentVariableSelector: (env) => truth(env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]),
    configFileSelector: (profile) => truth(profile["ignore_configured_endpoint_urls"]),
    default: false,
  })();
}

function parseEndpoint(text: string, variable: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new AgentError(
      "config_invalid",
      `${variable} must be an http:// or https:// URL without credentials or query`,
    );
  }
  url.hash = "";
  return url;
}

function firstSet(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== "");
}

function truth(value: string | undefined): boolean | undefined {
  return value === undefined || value === "" ? undefined : value.toLowerCase() === "true";
}
