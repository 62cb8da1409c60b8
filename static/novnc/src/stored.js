// Takes the place of noVNC's Deflator, which compresses what is copied to the machine and nothing
// else: a zlib stream (RFC 1950) of stored blocks (RFC 1951 section 3.2.4) is read by all servers,
// and saves the page a ninth of its script. The end of the stream is never said, as by noVNC.
const HEADER = [0x78, 0x01];
const BLOCK_BYTES = 65535;
const BLOCK_HEAD_BYTES = 5;

export default class Deflator {
  deflate(data) {
    const blocks = Math.ceil(data.length / BLOCK_BYTES);
    const stream = new Uint8Array(HEADER.length + data.length + blocks * BLOCK_HEAD_BYTES);
    stream.set(HEADER);
    let at = HEADER.length;
    for (let from = 0; from < data.length; from += BLOCK_BYTES) {
      const part = data.subarray(from, from + BLOCK_BYTES);
      const head = new DataView(stream.buffer, at);
      head.setUint16(1, part.length, true);
      head.setUint16(3, ~part.length, true);
      stream.set(part, at + BLOCK_HEAD_BYTES);
      at += BLOCK_HEAD_BYTES + part.length;
    }
    return stream;
  }
}
