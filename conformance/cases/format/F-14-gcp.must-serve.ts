import { enveloped } from "../../tools/enveloped.ts";

export const cases = [enveloped("gcp", "an envelope of Google Cloud KMS")];
