// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["½1234567890+◌́", "§!\"#¤%&/()=?◌̀", "¾¡@£$½¥{[]}±|", "¶¹²³¼¢⅝÷«»°¿¦"],
  ["qwertyuiopå◌̈'", "QWERTYUIOPÅ◌̂*", "@ſ€®þ←↓→œþ◌̈◌̃◌̋", "Ω§¢®Þ¥↑ıŒÞ◌̊◌̌×"],
  ["asdfghjklæø", "ASDFGHJKLÆØ", "ªßðđŋħ◌̉ĸł◌́◌̂", "ºẞÐªŊĦ◌̛&Ł◌̋◌̌"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "\\«»©„“”µ◌̧·◌̣", "¬<>©‚‘’º◌̨◌̇◌̇"],
  [],
];
