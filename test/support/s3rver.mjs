/** An S3 that somebody else wrote: serves the folder that it is given, and prints its port. */
import S3rver from "@20minutes/s3rver";

const [, , directory] = process.argv;
const server = new S3rver({ directory, address: "127.0.0.1", port: 0, silent: true });
const { port } = await server.run();
console.log(port);
