/** The tables of docs/reliability.md, made from what the tests and the code say. */
import {
  type Freshness,
  type FreshnessEvent,
  nextFreshness,
  NOT_LOADED,
} from "../../src/freshness/freshness.ts";
import { type Fault, FAULTS, justInTime, type Sight } from "./catalogue.ts";

const SIGHTS: Readonly<Record<Sight, string>> = {
  held: "served",
  newer: "the newer one is served",
  older: "the older one is served",
  "Secrets not yet loaded": "503 not yet loaded",
  "Secrets expired": "503 expired",
  "Artifact revoked": "503 revoked",
};

/** Fault, what clients see, how long. */
export function faultTable(): string {
  const head = [
    "Fault",
    "`lastFailure` in health",
    "Within the TTL",
    "After it",
    "In just-in-time mode",
    "Restarted meanwhile",
    "Restarted, with a disk cache",
    "Served again when it is over",
  ];
  const rows: (readonly string[])[] = [head];
  for (const [where, faults] of Object.entries(FAULTS)) {
    rows.push([`**${where}**`, "", "", "", "", "", "", ""]);
    for (const fault of faults) rows.push(faultRow(fault));
  }
  return markdownTable(rows);
}

function faultRow(fault: Fault): readonly string[] {
  const { during, later, restarted, restartedWithCache } = fault.sees;
  const [first, last] = restartedWithCache;
  const cached = first === last ? SIGHTS[first] : `${SIGHTS[first]} to the end of the TTL`;
  const wait = fault.retryAfterSeconds === undefined ? "" : "that wait and ";
  return [
    fault.name,
    fault.code === null ? "none" : `\`${fault.code}\``,
    SIGHTS[during],
    SIGHTS[later],
    SIGHTS[justInTime(fault).later],
    SIGHTS[restarted],
    cached,
    `within ${wait}one poll`,
  ];
}

const TTL_MS = 300_000;
const START = { wallMs: 1_000_000, monoMs: 0 };
const SERVING = { revision: "1", expiresAtMs: START.wallMs + 2 * TTL_MS, expiresAt: "" };
const FRESH: Freshness = {
  kind: "fresh",
  serving: SERVING,
  refreshedAt: START,
  acceptedAt: START,
};

const STATES: readonly Freshness[] = [
  NOT_LOADED,
  FRESH,
  { kind: "cache_expired" },
  { kind: "artifact_expired" },
  { kind: "revoked" },
];

const EVENTS: Readonly<Record<string, FreshnessEvent>> = {
  "a verified artifact": {
    kind: "accepted",
    serving: SERVING,
    refreshedAt: after(1),
    acceptedAt: after(1),
  },
  unchanged: { kind: "unchanged", at: after(1) },
  "fetch failed": { kind: "fetch_failed" },
  "artifact refused": { kind: "invalid" },
  "expired artifact": { kind: "expired" },
  "revocation marker": { kind: "revoked" },
  "TTL over": { kind: "tick", at: after(TTL_MS) },
  "`expiresAt` reached": { kind: "tick", at: after(2 * TTL_MS) },
};

/** What each event makes of each state. */
export function stateTable(): string {
  const head = ["State", ...Object.keys(EVENTS)];
  const events = Object.values(EVENTS);
  const rows = STATES.map((state) =>
    [`\`${state.kind}\``].concat(events.map((event) => stateAfter(state, event))),
  );
  return markdownTable([head, ...rows]);
}

function stateAfter(state: Freshness, event: FreshnessEvent): string {
  const next = nextFreshness(state, event, TTL_MS);
  if (next.kind !== state.kind) return `\`${next.kind}\``;
  const restarted = next.kind === "fresh" && next.refreshedAt.monoMs !== START.monoMs;
  return restarted ? "clock restarts" : "–";
}

function after(ms: number): typeof START {
  return { wallMs: START.wallMs + ms, monoMs: START.monoMs + ms };
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
