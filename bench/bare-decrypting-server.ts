/**
 * What the agent in just-in-time mode is measured against: every request decrypts an age file with
 * OpenSSL alone.
 *
 *   node bare-decrypting-server.js <port> <token> <artifact> <ETag> <age identity>
 */
import { readFileSync } from "node:fs";
import { serveBare } from "./bare.ts";
import { opensslDecrypter } from "./openssl-age.ts";

const [port = "", token = "", artifactFile = "", etag, identity = ""] = process.argv.slice(2);
const artifact = JSON.parse(readFileSync(artifactFile, "utf8")) as { ciphertext: string };
const file = Buffer.from(artifact.ciphertext, "base64");
const decrypt = opensslDecrypter(identity);
serveBare({ port, token, etag, body: () => decrypt(file) });
