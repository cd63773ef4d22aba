import { enveloped } from "../../tools/enveloped.ts";

export const cases = [enveloped("aws", "an envelope of AWS KMS, with the ARN of the key")];
