/** What the fleet is put through, and what its origin sees of it. */
import { type Course, HOUR, MINUTE, type Scenario, SECOND, simulate } from "./fleet.ts";

/** One stretch of a course, measured. */
export interface Phase {
  readonly name: string;
  readonly meanPerSecond: number;
  readonly peakPerSecond: number;
  /** The peak in units of the steady mean. */
  readonly peakRatio: number;
  readonly bytes: number;
  /** The same if every request were answered with the artifact. */
  readonly bytesUnconditional: number;
}

/** What the origin sends, headers included: an artifact of some hundred secrets, or no body. */
const BYTES = { full: 20_480, unchanged: 200, failed: 250 } as const;

const ROTATION_MS = 6 * HOUR;
const SETTLED_MS = 10 * MINUTE;
const RECOVERY_MS = 30 * MINUTE;
const OUTAGE = { fromMs: HOUR, toMs: 2 * HOUR } as const;
const RETRY_AFTER_MS = MINUTE;

const START = { lengthMs: HOUR, clientsAsk: false, rotationMs: ROTATION_MS } as const;
const STARTS: Readonly<Record<string, Scenario>> = {
  "Cold start within a minute": { ...START, startWindowMs: MINUTE },
  "Cold start in the same second": { ...START, startWindowMs: SECOND },
};

/** The origin comes late, but before the first agent gives up. */
const LATE_MS = 45 * SECOND;
const LATE_START: Scenario = {
  ...START,
  startWindowMs: SECOND,
  outage: { fromMs: 0, toMs: LATE_MS, retryAfterMs: undefined },
};

const DAY: Scenario = { ...START, startWindowMs: SECOND, lengthMs: 24 * HOUR + SETTLED_MS };

const BROKEN = {
  startWindowMs: MINUTE,
  lengthMs: OUTAGE.toMs + RECOVERY_MS,
  rotationMs: ROTATION_MS,
} as const;
const OUTAGES: Readonly<Record<string, Scenario>> = {
  "Hour of outage": {
    ...BROKEN,
    clientsAsk: false,
    outage: { ...OUTAGE, retryAfterMs: undefined },
  },
  "Hour of outage, clients keep asking": {
    ...BROKEN,
    clientsAsk: true,
    outage: { ...OUTAGE, retryAfterMs: undefined },
  },
  "Hour of outage, `Retry-After: 60`": {
    ...BROKEN,
    clientsAsk: false,
    outage: { ...OUTAGE, retryAfterMs: RETRY_AFTER_MS },
  },
  "Hour of outage, `Retry-After: 60`, clients keep asking": {
    ...BROKEN,
    clientsAsk: true,
    outage: { ...OUTAGE, retryAfterMs: RETRY_AFTER_MS },
  },
};

/** Requests per second, for the picture. */
export interface Curve {
  readonly name: string;
  readonly perSecond: readonly number[];
}

export interface Report {
  readonly steadyMean: number;
  readonly starts: readonly Phase[];
  /** A cold start before its origin is there: until it comes, and from then on. */
  readonly lateStart: { readonly waiting: Phase; readonly coming: Phase };
  readonly day: Phase;
  readonly outages: readonly Phase[];
  readonly recoveries: readonly Phase[];
  /** From the first start on. */
  readonly startCurves: readonly Curve[];
  /** From ten minutes before the outage on. */
  readonly outageCurves: readonly Curve[];
}

/** Puts the fleet through everything; always with the same result. */
export function runAll(): Report {
  const dayCourse = simulate(DAY);
  const end = 24 * HOUR + SETTLED_MS;
  const steadyMean = sum(requests(dayCourse, SETTLED_MS, end)) / ((end - SETTLED_MS) / SECOND);
  const phase = (name: string, course: Course, fromMs: number, toMs: number): Phase =>
    measure(name, course, fromMs, toMs, steadyMean);
  const starts = coursesOf(STARTS);
  const outages = coursesOf(OUTAGES);
  const late = simulate(LATE_START);
  return {
    steadyMean,
    starts: starts.map(({ name, course }) => phase(name, course, 0, SETTLED_MS)),
    lateStart: {
      // What follows the start itself and its first retry.
      waiting: phase("Cold start 45 s before the origin", late, 5 * SECOND, LATE_MS),
      coming: phase("… it comes", late, LATE_MS, LATE_MS + SETTLED_MS),
    },
    day: phase("Steady day", dayCourse, SETTLED_MS, end),
    outages: outages.map(({ name, course }) => phase(name, course, OUTAGE.fromMs, OUTAGE.toMs)),
    recoveries: outages.map(({ name, course }) =>
      phase(name, course, OUTAGE.toMs, OUTAGE.toMs + RECOVERY_MS),
    ),
    startCurves: starts.map(({ name, course }) => ({
      name,
      perSecond: requests(course, 0, 5 * MINUTE),
    })),
    outageCurves: outages.map(({ name, course }) => ({
      name,
      perSecond: requests(course, OUTAGE.fromMs - SETTLED_MS, OUTAGE.toMs + RECOVERY_MS),
    })),
  };
}

function coursesOf(
  scenarios: Readonly<Record<string, Scenario>>,
): readonly { readonly name: string; readonly course: Course }[] {
  return Object.entries(scenarios).map(([name, scenario]) => ({
    name,
    course: simulate(scenario),
  }));
}

function measure(
  name: string,
  course: Course,
  fromMs: number,
  toMs: number,
  steadyMean: number,
): Phase {
  const all = requests(course, fromMs, toMs);
  const peakPerSecond = all.reduce((peak, count) => Math.max(peak, count), 0);
  const count = (answers: Uint32Array): number =>
    sum([...answers.subarray(fromMs / SECOND, toMs / SECOND)]);
  const [full, unchanged, failed] = [course.full, course.unchanged, course.failed].map(count);
  const rest = (failed ?? 0) * BYTES.failed;
  return {
    name,
    meanPerSecond: sum(all) / all.length,
    peakPerSecond,
    peakRatio: peakPerSecond / steadyMean,
    bytes: (full ?? 0) * BYTES.full + (unchanged ?? 0) * BYTES.unchanged + rest,
    bytesUnconditional: ((full ?? 0) + (unchanged ?? 0)) * BYTES.full + rest,
  };
}

function requests(course: Course, fromMs: number, toMs: number): readonly number[] {
  const from = fromMs / SECOND;
  return Array.from({ length: (toMs - fromMs) / SECOND }, (_, index) =>
    sum([course.full, course.unchanged, course.failed].map((of) => of[from + index] ?? 0)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
