// What noVNC says first on a connection. The early script says it with the websocket's request, so
// that the picture is under way a round trip sooner; the channel then keeps noVNC from saying it
// again. It is read by the build, too: nothing here may need a browser.
import { encodings } from "../node_modules/@novnc/novnc/core/encodings.js";

const QUALITY = 6;
const COMPRESSION = 2;
const ENCODINGS = [
  encodings.encodingCopyRect,
  encodings.encodingTight,
  encodings.encodingTightPNG,
  encodings.encodingZRLE,
  encodings.encodingJPEG,
  encodings.encodingHextile,
  encodings.encodingRRE,
  encodings.encodingZlib,
  encodings.encodingRaw,
  encodings.pseudoEncodingQualityLevel0 + QUALITY,
  encodings.pseudoEncodingCompressLevel0 + COMPRESSION,
  encodings.pseudoEncodingDesktopSize,
  encodings.pseudoEncodingLastRect,
  encodings.pseudoEncodingQEMUExtendedKeyEvent,
  encodings.pseudoEncodingQEMULedEvent,
  encodings.pseudoEncodingExtendedDesktopSize,
  encodings.pseudoEncodingXvp,
  encodings.pseudoEncodingFence,
  encodings.pseudoEncodingContinuousUpdates,
  encodings.pseudoEncodingDesktopName,
  encodings.pseudoEncodingExtendedClipboard,
  encodings.pseudoEncodingExtendedMouseButtons,
  encodings.pseudoEncodingVMwareCursor,
  encodings.pseudoEncodingCursor,
];

// RFC 6143 section 7.5.1: 32 bits, of which 24 count, little-endian, red in the lowest byte.
const SET_PIXEL_FORMAT = [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0];
// Section 7.5.2. A browser that decodes H.264 says its own list, with that in it, once more.
const SET_ENCODINGS = [
  ...[2, 0, 0, ENCODINGS.length],
  ...ENCODINGS.flatMap((encoding) => [24, 16, 8, 0].map((shift) => (encoding >> shift) & 255)),
];

// What is said in the request; the rest of an opening goes without saying.
export const SETUP = [...SET_PIXEL_FORMAT, ...SET_ENCODINGS];

// Each message, as far as it is known ahead: version, the security type None, a shared screen, the
// setup, and the demand for all of the screen, whose size follows.
export const MESSAGES = [
  [...new TextEncoder().encode("RFB 003.008\n")],
  [1],
  [1],
  SET_PIXEL_FORMAT,
  SET_ENCODINGS,
  [3, 0, 0, 0, 0, 0],
];
