import { clientOf } from "../support/client-trial.ts";

// The other pairs are in test/long.
clientOf("a Unix socket", "just-in-time");
