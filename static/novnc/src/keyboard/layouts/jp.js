// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  [" 1234567890-^", " !\"#$%&'()~=~"],
  ["qwertyuiop@[]", "QWERTYUIOP`{}"],
  ["asdfghjkl;:", "ASDFGHJKL+*"],
  ["<zxcvbnm,./", ">ZXCVBNM<>?"],
  ["\\\\", "_|"],
];
