import type { Answer } from "./answers.ts";
import { TTL_MS } from "./life.ts";
import type { Event } from "./world.ts";

/** Past the next poll, and past the expiry of the artifact that has one. */
const POLL_MS = 6_000;
const HOUR_MS = 3_600_000;

/** Where paths begin: at the start of the agent, or after what would make every path longer. */
export const BEGINNINGS = {
  start: [],
  served: ["the origin answers: newer", "a write to the disk ends"],
  revoked: [
    "the origin answers: newer",
    "a write to the disk ends",
    "SIGHUP",
    "the origin answers: revoked",
    "a write to the disk ends",
  ],
} satisfies Readonly<Record<string, readonly string[]>>;

export type Beginning = keyof typeof BEGINNINGS;

/** The whole alphabet. */
export function eventsWith(answers: readonly Answer[]): readonly Event[] {
  return [
    ...answers.map((answer): Event => ({
      name: `the origin answers: ${answer.name}`,
      isEnabled: (world) => world.isAsked,
      happen: (world) => world.answer(answer),
    })),
    {
      name: "a write to the disk ends",
      isEnabled: (world) => world.isWriting,
      happen: (world) => world.finishWrite(true),
    },
    {
      name: "a write to the disk fails",
      isEnabled: (world) => world.mayFailToWrite,
      happen: (world) => world.finishWrite(false),
    },
    {
      name: "kill -9 and a restart",
      isEnabled: (world) => world.mayBeKilled,
      happen: (world) => world.kill(),
    },
    {
      name: "SIGHUP",
      isEnabled: (world) => world.mayLook,
      happen: (world) => world.look(),
    },
    {
      name: "a client reads",
      isEnabled: (world) => world.mayRead,
      happen: (world) => world.read(),
    },
    {
      name: "6 s pass",
      isEnabled: () => true,
      happen: (world) => world.pass(POLL_MS),
    },
    {
      name: "more than half of the TTL passes",
      isEnabled: () => true,
      happen: (world) => world.pass(TTL_MS / 2 + 1_000),
    },
    {
      name: "the machine sleeps for longer than the TTL",
      isEnabled: () => true,
      happen: (world) => world.sleep(TTL_MS + 1_000),
    },
    {
      name: "the clock is set back by an hour",
      isEnabled: (world) => world.mayBeSetBack,
      happen: (world) => world.setBack(HOUR_MS),
    },
  ];
}
