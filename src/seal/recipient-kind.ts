/** How the stanza of one kind of recipient looks (https://c2sp.org/age, "Recipient types"). */
export interface RecipientKind {
  /** Of the stanza. */
  readonly type: string;
  /** Bytes of each argument after the type. */
  readonly args: readonly number[];
  /** What stands in for it in a proof. */
  readonly witness: "x25519" | "hybrid";
}

const KINDS: readonly (readonly [prefix: string, kind: RecipientKind])[] = [
  ["age1pq1", { type: "mlkem768x25519", args: [1_120], witness: "hybrid" }],
  ["age1tagpq1", { type: "mlkem768p256tag", args: [4, 1_153], witness: "x25519" }],
  ["age1tag1", { type: "p256tag", args: [4, 65], witness: "x25519" }],
];
const X25519: RecipientKind = { type: "X25519", args: [32], witness: "x25519" };

/** A file key of 16 bytes with a tag of 16, which every kind has as its body. */
export const STANZA_BODY = 32;

export function kindOfRecipient(recipient: string): RecipientKind {
  return KINDS.find(([prefix]) => recipient.startsWith(prefix))?.[1] ?? X25519;
}
