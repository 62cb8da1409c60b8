// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["§1234567890'◌̂", "°+\"*ç%&/()=?◌̀", "¬|@#¼½¬|¢]}◌́◌̃", "¬¡⅛£$⅜⅝⅞™±°¿◌̨"],
  ["qwertzuiopü◌̈$", "QWERTZUIOPè!£", "@ſ€¶ŧ←↓→œþ[]}", "Ω§ ®Ŧ¥↑ıŒÞ◌̊◌̄◌̆"],
  ["asdfghjklöä", "ASDFGHJKLéà", "æßðđŋħ◌̉ĸł◌́{", "ÆẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<yxcvbnm,.-", ">YXCVBNM;:_", "\\«»¢„“”µ•·◌̣", "¦<>©‚‘’º×÷◌̇"],
  [],
];
