import type { KmsProvider } from "../artifact/artifact.ts";
import type { Kms, OpenKms } from "./kms.ts";

/**
 * Opens each KMS once, the first time that an artifact asks for it: their libraries load slowly.
 *
 * @param signal - aborts the calls that are under way.
 */
export function kmsOpener(signal: AbortSignal): OpenKms {
  const opened = new Map<KmsProvider, Promise<Kms>>();
  return (provider) => {
    const kms = opened.get(provider) ?? load(provider, signal);
    opened.set(provider, kms);
    return kms;
  };
}

async function load(provider: KmsProvider, signal: AbortSignal): Promise<Kms> {
  switch (provider) {
    case "aws":
      return (await import("./aws.ts")).awsKms(signal);
    case "gcp":
      return (await import("./gcp.ts")).gcpKms(signal);
    case "azure":
      return (await import("./azure.ts")).azureKms(signal);
  }
}
