// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["²&é\"'(-è_çà)=", "~1234567890°+", "¬¹~#{[|`\\^@]}", "¬¡⅛£$⅜⅝⅞™±°¿◌̨"],
  ["azertyuiop◌̂$*", "AZERTYUIOP◌̈£µ", "æ«€¶ŧ←↓→øþ◌̈¤◌̀", "Æ<¢®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["qsdfghjklmù", "QSDFGHJKLM%", "@ßðđŋħ◌̉ĸłµ◌̂", "ΩẞÐªŊĦ◌̛&Łº◌̌"],
  ["<wxcvbn,;:!", ">WXCVBN?./§", "|ł»¢„“”◌́•·◌̣", "¦Ł>©‚‘’◌̋×÷◌̇"],
  [],
];
