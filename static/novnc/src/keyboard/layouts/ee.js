// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["◌̌1234567890+◌́", "◌̃!\"#¤%&/()=?◌̀", "¬¹@£$½¬{[]}\\`", "¬¡⅛£$⅜⅝⅞™±°¿'"],
  ["qwertyuiopüõ'", "QWERTYUIOPÜÕ*", "@ſ€¶ŧ←↓→øþ◌̈§½", "Ω§¢®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["asdfghjklöä", "ASDFGHJKLÖÄ", "æšðđŋħ◌̉ĸł◌́^", "ÆŠÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "|ž»¢„“”µ<>|", "¦Ž>©‚‘’º×÷˙"],
  [],
];
