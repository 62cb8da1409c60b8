// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  [";+ľščťžýáíé=◌́", "◌̊1234567890%◌̌", "`!@#$%^&*{}\\◌̄", "~◌̃◌̌◌̂◌̆◌̊◌̨◌̀◌̇◌́◌̋◌̈◌̧"],
  ["qwertzuiopúäň", "QWERTZUIOP/()", "\\|€¶ŧ←↓→øþ[]\\", "Ω§ ®Ŧ¥↑ıØÞ÷×|"],
  ["asdfghjklô§", "ASDFGHJKL\"!", "~đĐ[]`'łŁ$'", "ÆẞÐªŊĦ◌̛&Ł◌̋ß"],
  ["\\yxcvbnm,.-", "|YXCVBNM?:_", "/°#&@{}^<>*", "¦<>©‚‘’º×÷◌̇"],
  [],
];
