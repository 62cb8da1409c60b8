// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  [";+ěščřžýáíé=◌́", "◌̊1234567890%◌̌", "`!@#$%^&*{}\\◌̄", "~◌̃◌̌◌̂◌̆◌̊◌̨◌̀◌̇◌́◌̋◌̈◌̧"],
  ["qwertzuiopú)◌̈", "QWERTZUIOP/('", "\\|€¶ŧ←↓→øþ[]\\", "Ω§ ®Ŧ¥↑ıØÞ÷×|"],
  ["asdfghjklů§", "ASDFGHJKL\"!", "~đĐ[]`'łŁ$'", "ÆẞÐªŊĦ◌̛&Ł◌̋ß"],
  ["\\yxcvbnm,.-", "|YXCVBNM?:_", "/°#&@{}^<>*", "¦<>©‚‘’º×÷◌̇"],
  [],
];
