/** Why a record was not delivered. */
export const DROP_REASONS = ["queue_full", "refused", "rejected"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Counts the records of one signal that were not delivered and never will be. */
export class DropCounter {
  readonly #counts = new Map<DropReason, number>(DROP_REASONS.map((reason) => [reason, 0]));

  count(reason: DropReason, records: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + records);
  }

  get counts(): ReadonlyMap<DropReason, number> {
    return this.#counts;
  }
}
