import { STORES } from "../support/custody.ts";
import { secretsStoreContract } from "./secrets-store.contract.ts";

for (const [name, makeStore] of Object.entries(STORES)) secretsStoreContract(name, makeStore);
