// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["¸1234567890'+", "¨!\"#$%&/()=?*", " ◌̃◌̌◌̂◌̆◌̊◌̨◌̀◌̇◌́◌̋◌̈◌̧", " ~ˇ^˘°˛`˙'˝¨¸"],
  ["qwertzuiopšđž", "QWERTZUIOPŠĐŽ", "\\|€¶ŧ←↓→øþ÷×¤", "ΩŁ€®Ŧ¥↑ıØÞ◌̊◌̄◌̆"],
  ["asdfghjklčć", "ASDFGHJKLČĆ", "æ„“[]ħ◌̉łł◌́ß", "Æ»«ªŊĦ◌̛&Ł◌̋◌̌"],
  ["<yxcvbnm,.-", ">YXCVBNM;:_", "|‘’¢@{}§<>—", "¦»«©`'}º×÷–"],
  [],
];
