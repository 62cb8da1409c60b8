// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["§1234567890+◌́", "½!\"#¤%&/()=?◌̀", "¶¡@£$€¥{[]}\\±", "¾¹²³¼¢⅝÷«»°¿¬"],
  ["qwertyuiopå◌̈'", "QWERTYUIOPÅ◌̂*", "@ſ€®þ←↓→œþ◌̈◌̃´", "Ω§¢®Þ¥↑ıŒÞ◌̊◌̌×"],
  ["asdfghjklöä", "ASDFGHJKLÖÄ", "ªßðđŋħ◌̉ĸłøæ", "ºẞÐªŊĦ◌̛&ŁØÆ"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "|«»©„“”µ◌̧·◌̣", "¦<>©‚‘’º◌̨◌̇◌̇"],
  [],
];
