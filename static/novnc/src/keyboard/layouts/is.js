// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["◌̊1234567890ö-", "◌̈!\"#$%&/()=Ö_", "¬¹²³¼½¬{[]}\\◌̧", "\u00ad¡⅛£¤⅜⅝⅞™±°¿◌̨"],
  ["qwertyuiopð'+", "QWERTYUIOPÐ?*", "@ſ€¶ŧ←↓→ø|◌̈~`", "Ω§¢®Ŧ¥↑ıØπ◌̊◌̄◌̆"],
  ["asdfghjklæ◌́", "ASDFGHJKLÆ◌́", "æß„đŋħ◌̉ĸł^◌̂", "Æẞ“ªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.þ", ">ZXCVBNM;:Þ", "|«»¢„“”µ•·◌̣", "¦<>©‚‘’º×÷◌̇"],
  [],
];
