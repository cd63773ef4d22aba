import { AWS_NAMES } from "../../tools/clouds.ts";
import { enveloped } from "../../tools/enveloped.ts";

export const cases = AWS_NAMES.map((name) =>
  enveloped("aws", `an envelope whose keyId is ${name}`, name),
);
