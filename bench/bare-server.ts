/**
 * What the agent in cached mode is measured against: one body for every request.
 *
 *   node bare-server.js <port> <token> <file with the body> [<ETag>]
 */
import { readFileSync } from "node:fs";
import { serveBare } from "./bare.ts";

const [port = "", token = "", bodyFile = "", etag] = process.argv.slice(2);
const body = readFileSync(bodyFile);
serveBare({ port, token, etag, body: () => body });
