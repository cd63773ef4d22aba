/** Imported before any instrumented module, whose branches count in here. */
import { readOrders } from "./orders.ts";

const { places } = readOrders();

/** One byte for each branch; whole words, so that zeros are passed over four at a time. */
export const counters: Uint8Array<ArrayBuffer> = new Uint8Array(Math.ceil(places / 4) * 4);

Object.assign(globalThis, { __counters: counters });
