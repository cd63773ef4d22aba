import type { Case } from "../../suite/case.ts";
import { body, pack, without } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { ED25519, OTHER_AGE, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, holdRefused, servingOn } from "../../tools/verdict.ts";

const signWith = ED25519;
const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey, CLEF_AGENT_IDENTITY: "api" };
const signed = (options: Parameters<typeof pack>[1] = {}): ReturnType<typeof pack> =>
  pack({ KEY: secretValue() }, { signWith, ...options });

const REFUSED: Readonly<Record<string, () => Parameters<typeof hold>[1]>> = {
  json_parse: () => "not yet",
  missing_fields: () => without(signed(), "revision"),
  invalid_shape: () => signed({ fields: { expiresAt: "soon" } }),
  integrity: () => ({ ...signed(), ciphertext: signed()["ciphertext"] }),
  signature_missing: () => without(signed(), "signature"),
  signature_invalid: () => signed({ signWith: OTHER_ED25519 }),
  identity_mismatch: () => signed({ fields: { identity: "web" } }),
  expired: () => signed({ expiresAt: new Date(Date.now() - 1_000) }),
  decrypt: () => signed({ recipients: [OTHER_AGE] }),
  payload_parse: () => pack("{", { signWith }),
  payload_shape: () => pack({ KEY: { KEY: { KEY: "" } } }, { signWith }),
};

export const cases: readonly Case[] = [
  {
    name: "keep what it serves whatever is refused, and take the next good one",
    run: async (world) => {
      const before = { KEY: secretValue(), MORE: secretValue() };
      const started = await servingOn(world, pack(before, { signWith }), env);
      const { revision } = JSON.parse((await started.agent.get("/v1/health")).body) as {
        readonly revision: string;
      };
      for (const [reason, make] of Object.entries(REFUSED)) {
        await holdRefused(started, make(), reason);
        equal((await started.agent.get("/v1/health")).json("revision"), revision, "the revision");
      }
      const after = { KEY: secretValue() };
      await hold(started, pack(after, { signWith }));
      await started.agent.serves(after);
    },
  },
  {
    name: "keep what it serves when a ciphertext cannot be opened to its end",
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      // All but the last of its chunks are good.
      const long = pack({ KEY: secretValue(), LONG: "x".repeat(200_000) });
      const file = Buffer.from(String(long["ciphertext"]), "base64");
      file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
      await holdRefused(started, { ...long, ...body(file.toString("base64")) }, "decrypt");
    },
  },
  {
    name: "change all secrets at once, for whoever reads meanwhile",
    run: async (world) => {
      const numbered = (n: number): object => ({ A: `a${n}`, app: { B: `a${n}` }, Z: `a${n}` });
      const started = await servingOn(world, pack(numbered(0)));
      const done = new AbortController();
      const reader = async (): Promise<number> => {
        let reads = 0;
        for (; !done.signal.aborted; reads++) {
          const secrets = (await started.agent.secrets()) as {
            readonly A: string;
            readonly app: { readonly B: string };
            readonly Z: string;
          };
          ensure(secrets.A === secrets.app.B && secrets.A === secrets.Z, "a mix of two revisions");
        }
        return reads;
      };
      const readers = [reader(), reader()];
      for (let n = 1; n <= 10; n++) {
        await hold(started, pack(numbered(n)));
        await started.agent.serves(numbered(n));
      }
      done.abort();
      for (const reads of await Promise.all(readers)) ensure(reads > 0, "nobody read anything");
    },
  },
];
