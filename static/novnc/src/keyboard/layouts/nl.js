// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["@1234567890/°", "§!\"#$%&_()'?◌̃", "¬¹²³¼½¾£{}°\\◌̧", "¬¡⅛£ ⅜⅝⅞[]™¿◌̨"],
  ["qwertyuiop◌̈*<", "QWERTYUIOP◌̂|>", "@ſ€¶þÿüïò¶~◌̃◌̀", "Ω§¢®Þ¥ÜÏÒÞ^◌̄◌̆"],
  ["asdfghjkl+◌́", "ASDFGHJKL±◌̀", "áßðªŋħ◌̉ĸł◌́'", "ÁẞÐªŊĦ◌̛&Ł◌̋`"],
  ["]zxcvbnm,.-", "[ZXCVBNM;:=", "|«»¢“”ñμ¸·\u00ad", "¦<>©‘’Ñº«»◌̇"],
  [],
];
