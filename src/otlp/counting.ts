/** What is needed to count, and to be scraped; loaded together, and without anything that sends. */
export { About } from "./about.ts";
export { Instruments } from "./instruments.ts";
export { prometheusText } from "./prometheus-text.ts";
