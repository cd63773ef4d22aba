import type { PackedArtifact, Revocation } from "../artifact/artifact.ts";
import { revocationMarker } from "../artifact/pack.ts";
import { isReplaceable } from "../artifact/replaceable.ts";
import { parseArtifact } from "../artifact/parse.ts";
import { AgentError } from "../errors.ts";
import { ARTIFACT_MAX_BYTES } from "../limits.ts";
import { trimmed } from "../system/given-text.ts";
import { visible } from "../system/visible.ts";
import { readInput } from "./input/read-input.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";
import { writeArtifact } from "./output.ts";

/**
 * `clef-agent revoke FILE`: puts the artifact's revocation marker in its place. Agents wipe what they
 * hold as soon as they see it. A damaged artifact is revoked by naming whom it was for.
 */
export const revoke: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, {
    identity: { type: "string" },
    environment: { type: "string" },
    force: { type: "boolean" },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || file === "-" || rest.length > 0) {
    throw usage("revoke takes the file of one packed artifact");
  }
  const identity = values.identity === undefined ? undefined : trimmed(values.identity);
  const environment = values.environment === undefined ? undefined : trimmed(values.environment);
  if ((identity === undefined) !== (environment === undefined)) {
    throw usage("--identity and --environment go together");
  }
  const known =
    identity === undefined || environment === undefined
      ? parseOrExplain(file, await readInput(file, ARTIFACT_MAX_BYTES, io))
      : { kind: "named" as const, identity, environment, revision: undefined };
  if (known.kind === "revocation") {
    io.stderr(`${visible(`${file} was revoked already, at ${known.revokedAt}`)}\n`);
    return 0;
  }
  await writeArtifact(file, revocationMarker(known, Date.now()), values.force ?? false);
  const whom = visible(`${known.identity}/${known.environment} in ${file}`);
  io.stderr(`revoked ${whom}; deliver it, and pack again to serve again\n`);
  return 0;
};

function parseOrExplain(file: string, bytes: Buffer): PackedArtifact | Revocation {
  try {
    const parsed = parseArtifact(bytes);
    // A file of secrets may have one of them called `revokedAt`.
    if (isReplaceable(bytes)) return parsed;
    throw new AgentError("invalid_shape", "it holds other things beside revokedAt");
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    throw new AgentError(
      error.code,
      `${file} is no packed artifact: ${error.message}; to revoke it all the same give --identity and --environment`,
    );
  }
}
