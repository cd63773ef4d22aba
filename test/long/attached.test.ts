import { attachedTo } from "../support/exec/attached.ts";

// The fourth pair is in test/process/exec.
attachedTo("TCP", "just-in-time");
attachedTo("a Unix socket", "cached");
attachedTo("a Unix socket", "just-in-time");
