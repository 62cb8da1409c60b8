// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["`1234567890-=", "~!@#$%^&*()_+", " ◌̃◌̌◌̂◌̆◌̊◌̨◌̀◌̇◌́◌̋◌̈◌̧", "           –±"],
  ["qwertyuiop[]\\", "QWERTYUIOP{}|", "âß€ ț  î §„”", "Âẞ  Ț  Î"],
  ["asdfghjkl;'", "ASDFGHJKL:\"", "ășđ     ł", "ĂȘĐ     Ł"],
  ["\\zxcvbnm,./", "|ZXCVBNM<>?", "|  ©    «»", "¦"],
  [],
];
