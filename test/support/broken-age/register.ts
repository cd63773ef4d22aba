/** Puts `encrypter.ts` in the place of the age library, for a command that is started with `--import` of this. */
import { registerHooks } from "node:module";

const BROKEN = new URL("encrypter.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "age-encryption" || context.parentURL === BROKEN) {
      return next(specifier, context);
    }
    return { url: BROKEN, shortCircuit: true };
  },
});
