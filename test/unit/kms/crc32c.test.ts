import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "../../../src/kms/crc32c.ts";

/** RFC 3720, appendix B.4, and the check value of the catalogue of CRCs. */
test("CRC-32C gives the published values", () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  for (const [bytes, value] of [
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [ascending, 0x46dd794e],
    [ascending.toReversed(), 0x113fdb5c],
    [Buffer.from("123456789"), 0xe3069283],
    [Buffer.alloc(0), 0],
  ] as const) {
    assert.equal(crc32c(bytes), value);
  }
});
