import type { ErrorCode } from "../errors.ts";
import type { Outcome } from "../refresh/attempt.ts";

/** Attempts to refresh that ended in one way, for one reason. */
export interface RefreshSeries {
  readonly outcome: Outcome["kind"];
  /** Undefined where nothing was wrong. */
  readonly code: ErrorCode | undefined;
  count: number;
}

/** Counts the attempts to refresh; outcomes and codes are closed sets. */
export class RefreshMeter {
  readonly #series = new Map<string, RefreshSeries>();

  constructor() {
    // There from the start, so that a rate over them can be computed.
    for (const outcome of ["staged", "unchanged"] as const) this.#seriesOf(outcome, undefined);
  }

  get series(): Iterable<RefreshSeries> {
    return this.#series.values();
  }

  count(outcome: Outcome): void {
    const code = "error" in outcome ? outcome.error.code : undefined;
    this.#seriesOf(outcome.kind, code).count++;
  }

  #seriesOf(outcome: Outcome["kind"], code: ErrorCode | undefined): RefreshSeries {
    const key = `${outcome} ${code ?? ""}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { outcome, code, count: 0 };
      this.#series.set(key, series);
    }
    return series;
  }
}
