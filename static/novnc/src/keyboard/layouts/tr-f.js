// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["+1234567890/-", "*!\"^$%&'()=?_", "¬¹²#¼½¾{[]}\\|", "±¡ ³ ⅜   ±°¿"],
  ["fgğıodrnhpqwx", "FGĞIODRNHPQWX", "@  ¶ô¥® °£◌̈~`", "    Ô     ◌̊◌̆◌̀"],
  ["uieaütkmlyş", "UİEAÜTKMLYŞ", "ûî€âû₺ µ ´#", "ÛÎ ÂÛ    ◌́◌̌"],
  ["<jövcçzsb.,", ">JÖVCÇZSB:;", "|«»“¢” §×÷·", "¦<> ©   \u00a0◌̇"],
  [],
];
