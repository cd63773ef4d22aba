import { clientOf } from "../support/client-trial.ts";

// The fourth pair is in test/process.
clientOf("TCP", "cached");
clientOf("TCP", "just-in-time");
clientOf("a Unix socket", "cached");
