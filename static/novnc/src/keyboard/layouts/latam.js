// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["|1234567890'¿", "°!\"#$%&/()=?¡", "¬|@·~½¬{[]}\\◌̧", "¬¡⅛£ ⅜⅝⅞™±°¿◌̨"],
  ["qwertyuiop◌́+}", "QWERTYUIOP◌̈*]", "@ſ€¶ŧ←↓→øþ◌̈~◌̀", "Ω§¢®Ŧ¥↑ıØÞ◌̊◌̄}"],
  ["asdfghjklñ{", "ASDFGHJKLÑ[", "æßðđŋħ◌̉ĸł~◌̂", "ÆẞÐªŊĦ◌̛&Ł◌̋{"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "\\«»¢„“”µ•·◌̣", "|<>©‚‘’º×÷◌̇"],
  [],
];
