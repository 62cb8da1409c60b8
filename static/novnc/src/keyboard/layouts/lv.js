// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["`1234567890-=", "~!@#$%^&*()_+", "´¹²³€½¾{[]}\\–", " ¡⅛£¢⅜⅝⅞™±°¿—"],
  ["qwertyuiop[]\\", "QWERTYUIOP{}|", "  ēŗ  ūīō «»`", "  ĒŖ  ŪĪŌ “”˘"],
  ["asdfghjkl;'", "ASDFGHJKL:\"", "āš  ģ  ķļ “", "ĀŠ  Ģ  ĶĻ „"],
  ["<zxcvbnm,./", ">ZXCVBNM<>?", "|ž č  ņ •·", "¦Ž Č  Ņ ×÷˙"],
  [],
];
