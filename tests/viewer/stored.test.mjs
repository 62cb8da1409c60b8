// What is copied to the machine, as zlib reads it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, inflateSync } from "node:zlib";
import Deflator from "../../static/novnc/src/stored.js";

const inflated = (stream) => inflateSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });

for (const length of [0, 1, 5, 65534, 65535, 65536, 131070, 200_003]) {
  test(`${length} bytes come out as they went in`, () => {
    const data = Uint8Array.from({ length }, (_, at) => (at * 7919) % 251);
    const stream = new Deflator().deflate(data);
    assert.deepEqual(new Uint8Array(inflated(stream)), data);
  });
}
