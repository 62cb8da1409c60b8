// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["º1234567890'¡", "ª!\"·$%&/()=?¿", "\\|@#~½¬{[]}\\◌̧", "\\¡⅛£ ⅜⅝⅞™±°¿◌̨"],
  ["qwertyuiop◌̀+ç", "QWERTYUIOP◌̂*Ç", "@ſ€¶ŧ←↓→øþ[]}", "Ω§¢®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["asdfghjklñ◌́", "ASDFGHJKLÑ◌̈", "æßðđŋħ◌̉ĸł◌̃{", "ÆẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "|«»¢„“”µ•·◌̣", "¦<>©‚‘’º×÷◌̇"],
  [],
];
