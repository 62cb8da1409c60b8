// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["|1234567890+\\", "§!\"#¤%&/()=?◌̀", "¦¡@£$½¥{[]}±◌́", "¶¹²³¼‰⅝÷«»°¿¬"],
  ["qwertyuiopå◌̈'", "QWERTYUIOPÅ◌̂*", "@ſ€®þ←↓→œπ◌̈◌̃◌̋", "Ω§¢™Þ¥↑ıŒΠ◌̊◌̌×"],
  ["asdfghjkløæ", "ASDFGHJKLØÆ", "ªßðđŋħ◌̉ĸł◌́◌̂", "ºẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "½«»©„“”µ◌̧…–", "¾<>©‚‘’º◌̨·—"],
  [],
];
