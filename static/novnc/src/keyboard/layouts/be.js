// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["²&é\"'(§è!çà)-", "³1234567890°_", "¬|@#¼½^{[{}\\◌̧", "¬¡⅛£$⅜⅝⅞™±°¿◌̨"],
  ["azertyuiop◌̂$µ", "AZERTYUIOP◌̈*£", "@ſ€¶ŧ←↓→œþ[]◌̀", "Ω§¢®Ŧ¥↑ıŒÞ◌̊◌̄◌̆"],
  ["qsdfghjklmù", "QSDFGHJKLM%", "æßðđŋħ◌̉ĸł◌́◌́", "ÆẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<wxcvbn,;:=", ">WXCVBN?./+", "\\«»¢„“”◌̧•·◌̃", "\\<>©‚‘’º×÷◌̇"],
  [],
];
