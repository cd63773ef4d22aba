import { enveloped } from "../../tools/enveloped.ts";

export const cases = [enveloped("azure", "an envelope of Azure Key Vault")];
