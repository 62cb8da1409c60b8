// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["\\1234567890'ì", "|!\"£$%&/()=?^", "¬¹²³¼½¬{[]}`~", "¦¡◌̋◌̃⅛⅜⅝⅞™±◌̨¿◌̂"],
  ["qwertyuiopè+ù", "QWERTYUIOPé*§", "@ſ€¶ŧ←↓→øþ[]◌̀", "Ω§¢®Ŧ¥↑ıØÞ{}◌̆"],
  ["asdfghjklòà", "ASDFGHJKLç°", "æßðđŋħ◌̉ĸł@#", "ÆẞÐªŊĦ◌̛&Ł◌̧◌̊"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "««»¢“”ñµ◌́·◌̄", "»<>©‘’Ñº×◌̈÷"],
  [],
];
