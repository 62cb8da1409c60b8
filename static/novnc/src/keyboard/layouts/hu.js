// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["0123456789öüó", "§'\"+!%/=()ÖÜÓ", "¬~◌̌^◌̆◌̊◌̨`◌̇◌́◌̋◌̈◌̧", "¬◌̃ˇ◌̂˘°˛◌̀˙´˝¨¸"],
  ["qwertzuiopőúű", "QWERTZUIOPŐÚŰ", "\\|Ä¶ŧ–€Í„”÷×¤", "Ω§ ®Ŧ¥↑íØÞ◌̊◌̄◌̆"],
  ["asdfghjkléá", "ASDFGHJKLÉÁ", "äđĐ[]ħíłŁ$ß", "ÄẞÐªŊĦÍ&Ł¢ẞ"],
  ["íyxcvbnm,.-", "ÍYXCVBNM?:_", "<>#&@{}<;>*", "><>©‚‘’º×÷◌̇"],
  [],
];
