import { attachedTo } from "../support/exec/attached.ts";

// The other two pairs are in test/process/exec.
attachedTo("TCP", "just-in-time");
attachedTo("a Unix socket", "cached");
