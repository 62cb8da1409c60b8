// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["◌̀1234567890-=", "◌̃!@#$%◌̂&*()_+", "`¡²³¤€¼½¾‘’¥×", "~¹◌̋◌̄£◌̧^◌̛◌̨◌̆◌̊◌̣÷"],
  ["qwertyuiop[]\\", "QWERTYUIOP{}|", "äåé®þüúíóö«»¬", "ÄÅÉ®ÞÜÚÍÓÖ“”¦"],
  ["asdfghjkl;◌́", "ASDFGHJKL:◌̈", "áßð    œø¶'", "Á§Ð    ŒØ°\""],
  ["\\zxcvbnm,./", "|ZXCVBNM<>?", " æ ©  ñµç◌̇¿", " Æ ¢  ÑµÇ◌̌◌̉"],
  [],
];
