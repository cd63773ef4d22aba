import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { World } from "../suite/world.ts";
import { type Artifact, pack } from "./artifact.ts";
import { Authority, type Certificate } from "./certificate.ts";
import { type Proxy, startProxy, startSecure } from "./proxy.ts";

/** An https origin on 127.0.0.1 that gives this to everybody. */
export async function secureOrigin(
  world: World,
  certificate: Certificate,
  artifact: Artifact,
): Promise<string> {
  const port = await startSecure(world, certificate, (_request, response) => {
    response.writeHead(200).end(JSON.stringify(artifact));
  });
  return `https://127.0.0.1:${port}/artifact.json`;
}

/** A proxy that gives this in the place of any host, and the file of the CA that it shows for https. */
export async function givingProxy(
  world: World,
  secrets: object,
): Promise<{ readonly proxy: Proxy; readonly ca: string }> {
  const authority = new Authority();
  const artifact = JSON.stringify(pack(secrets));
  const proxy = await startProxy(
    world,
    authority.issue(["*.example.test", "example.test"]),
    (_request, response) => {
      response.writeHead(200).end(artifact);
    },
  );
  return { proxy, ca: await pemFile(world, authority.pem) };
}

export async function pemFile(world: World, ...texts: readonly string[]): Promise<string> {
  const file = path.join(await world.directory(), "file.pem");
  await writeFile(file, texts.join(""));
  return file;
}
