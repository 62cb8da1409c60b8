// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["`ąčęėįšųū„“-ž", "~ĄČĘĖĮŠŲŪ()_Ž", "´1234567890–=", "¬!@#$%^&*  ¿+"],
  ["qwertyuiop[]\\", "QWERTYUIOP{}|", "@ſ€¶ŧ←↓→øþ◌̈◌̃◌̀", "Ω§£®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["asdfghjkl;'", "ASDFGHJKL:\"", "æßðđŋħ◌̉ĸł◌́◌̂", "ÆẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["–zxcvbnm,./", "€ZXCVBNM<>?", "|«»¢„“”µ•·◌̣", "¦<>©‚‘’º×÷◌̇"],
  [],
];
