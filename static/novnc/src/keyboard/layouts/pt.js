// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["\\1234567890'«", "|!\"#$%&/()=?»", "¬¹@£§½¬{[]}\\◌̧", "¬¡⅛£ ⅜⅝⅞™±°¿◌̨"],
  ["qwertyuiop+◌́◌̃", "QWERTYUIOP*◌̀◌̂", "@ſ€¶ŧ←↓→øþ◌̈◌̃◌̀", "Ω§¢®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["asdfghjklçº", "ASDFGHJKLÇª", "æßðđŋħ◌̉ĸł◌́◌̂", "ÆẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "\\«»¢„“”µ•·◌̣", "\\<>©‚‘’º×÷◌̇"],
  [],
];
