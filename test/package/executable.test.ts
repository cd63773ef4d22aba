import { HOST_BINARY } from "../../scripts/build-binary.ts";
import { blackBox, localFolder } from "../support/package/black-box.ts";

blackBox(
  { name: "executable", command: () => [HOST_BINARY], folder: localFolder },
  { skip: process.platform === "win32" ? "signals are not what they are elsewhere" : undefined },
);
