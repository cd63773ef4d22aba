import { type AgeIdentity, parseAgeIdentities } from "../keys/age-identities.ts";
import { parseVerifyKeys, type VerifyKey } from "../keys/verify-keys.ts";
import type { EnvReader } from "./env-reader.ts";

/** What opens artifacts encrypted with age; empty where nothing is set. */
export function readAgeIdentities(reader: EnvReader): readonly AgeIdentity[] {
  const text = reader.textOrFile("CLEF_AGENT_AGE_KEY", "CLEF_AGENT_AGE_KEY_FILE");
  if (text === undefined) return [];
  const name =
    reader.text("CLEF_AGENT_AGE_KEY") === undefined
      ? "CLEF_AGENT_AGE_KEY_FILE"
      : "CLEF_AGENT_AGE_KEY";
  return reader.tryTo("config_invalid", name, () => parseAgeIdentities(text)) ?? [];
}

/** What artifacts must be signed by; empty where signatures are not asked for. */
export function readVerifyKeys(reader: EnvReader): readonly VerifyKey[] {
  const text = reader.text("CLEF_AGENT_VERIFY_KEY");
  if (text === undefined) return [];
  return reader.tryTo("config_invalid", "CLEF_AGENT_VERIFY_KEY", () => parseVerifyKeys(text)) ?? [];
}
