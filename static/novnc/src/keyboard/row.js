// The keys of the row on the screen, by their places and keysyms. No DOM here.

const ALT = ["AltLeft", 0xffe9];
const PRINT = ["PrintScreen", 0xff61];

// What is held for other keys; SysRq is Print with Alt, as PC keyboards have it.
export const MODIFIERS = [
  { text: "keys.ctrl", keys: [["ControlLeft", 0xffe3]] },
  { text: "keys.alt", keys: [ALT] },
  { text: "keys.altgr", keys: [["AltRight", 0xfe03]] },
  { text: "keys.shift", keys: [["ShiftLeft", 0xffe1]] },
  { text: "keys.windows", keys: [["MetaLeft", 0xffeb]] },
  { text: "keys.sysrq", hint: "keys.sysrq.hint", keys: [ALT, PRINT] },
];

export const OTHERS = [
  { text: "keys.esc", key: ["Escape", 0xff1b] },
  { text: "keys.tab", key: ["Tab", 0xff09] },
  { text: "keys.start", hint: "keys.start.hint", key: ["MetaLeft", 0xffeb] },
  { text: "keys.print", key: PRINT },
  { text: "keys.insert", key: ["Insert", 0xff63] },
  { text: "keys.delete", key: ["Delete", 0xffff] },
  { text: "keys.home", key: ["Home", 0xff50] },
  { text: "keys.end", key: ["End", 0xff57] },
  { text: "keys.page-up", key: ["PageUp", 0xff55] },
  { text: "keys.page-down", key: ["PageDown", 0xff56] },
  { text: "keys.left", sign: "←", key: ["ArrowLeft", 0xff51] },
  { text: "keys.up", sign: "↑", key: ["ArrowUp", 0xff52] },
  { text: "keys.down", sign: "↓", key: ["ArrowDown", 0xff54] },
  { text: "keys.right", sign: "→", key: ["ArrowRight", 0xff53] },
];

export const FUNCTIONS = Array.from({ length: 12 }, (_, at) => ({
  sign: `F${at + 1}`,
  key: [`F${at + 1}`, 0xffbe + at],
}));
