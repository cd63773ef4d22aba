import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";

/** Makes artifacts as docs/artifact-format.md describes them, by code that the agent does not have. */
export class ArtifactMaker {
  readonly ageIdentity: string;
  /** Base64 of the public key's SPKI. */
  readonly verifyKey: string;
  readonly #recipient: string;
  readonly #key: KeyObject;
  readonly #strangersKey: KeyObject;

  private constructor(ageIdentity: string, recipient: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.ageIdentity = ageIdentity;
    this.verifyKey = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    this.#recipient = recipient;
    this.#key = privateKey;
    this.#strangersKey = generateKeyPairSync("ed25519").privateKey;
  }

  static async create(): Promise<ArtifactMaker> {
    const identity = await generateIdentity();
    return new ArtifactMaker(identity, await identityToRecipient(identity));
  }

  /** @param by - who signs it; nobody makes it an artifact without a signature. */
  async make(
    secrets: unknown,
    packedAtMs: number,
    by: "us" | "a stranger" | "nobody" = "us",
  ): Promise<string> {
    const age = new Encrypter();
    age.addRecipient(this.#recipient);
    const ciphertext = Buffer.from(await age.encrypt(JSON.stringify(secrets))).toString("base64");
    const fields = {
      version: 1,
      identity: "soak",
      environment: "test",
      packedAt: new Date(packedAtMs).toISOString(),
      revision: `${packedAtMs}-${randomBytes(4).toString("hex")}`,
      ciphertextHash: createHash("sha256").update(ciphertext).digest("hex"),
      expiresAt: new Date(packedAtMs + 24 * 3_600_000).toISOString(),
    };
    const { version, identity, environment, revision, packedAt, ciphertextHash, expiresAt } =
      fields;
    const named = [version, identity, environment, revision, packedAt, ciphertextHash, expiresAt];
    const noEnvelope = Array.from({ length: 6 }, () => "");
    const signed = ["clef-sig-v3", ...named, ...noEnvelope].join("\n");
    if (by === "nobody") return JSON.stringify({ ...fields, ciphertext });
    const key = by === "us" ? this.#key : this.#strangersKey;
    const signature = sign(null, Buffer.from(signed), key).toString("base64");
    return JSON.stringify({ ...fields, ciphertext, signature, signatureAlgorithm: "Ed25519" });
  }

  marker(): string {
    const revokedAt = new Date().toISOString();
    return JSON.stringify({ version: 1, identity: "soak", environment: "test", revokedAt });
  }
}
