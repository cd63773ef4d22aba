import type { KmsProvider } from "../artifact/artifact.ts";
import type { Kms, KmsParts, OpenKms } from "./kms.ts";

/**
 * Opens each KMS once, the first time that an artifact asks for it: their libraries load slowly.
 */
export function kmsOpener(parts: KmsParts): OpenKms {
  const opened = new Map<KmsProvider, Promise<Kms>>();
  return (provider) => {
    const kms = opened.get(provider) ?? load(provider, parts);
    opened.set(provider, kms);
    return kms;
  };
}

async function load(provider: KmsProvider, parts: KmsParts): Promise<Kms> {
  switch (provider) {
    case "aws":
      return (await import("./aws.ts")).awsKms(parts);
    case "gcp":
      return (await import("./gcp.ts")).gcpKms(parts);
    case "azure":
      return (await import("./azure.ts")).azureKms(parts);
  }
}
