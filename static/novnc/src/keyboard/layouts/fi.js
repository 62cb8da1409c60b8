// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["§1234567890+◌́", "½!\"#¤%&/()=?◌̀", "◌̵ @£$‰‚{[]}\\◌̧", " ¡”»«“„ <>°¿◌̨"],
  ["qwertyuiopå◌̈'", "QWERTYUIOPÅ◌̂*", "  € þ  ıœ◌̛◌̋◌̃◌̌", "    Þ  |Œ◌̉◌̊◌̄◌̆"],
  ["asdfghjklöä", "ASDFGHJKLÖÄ", "əßð    ĸ◌̵øæ", "ƏẞÐ      ØÆ"],
  ["<zxcvbnm,.-", ">ZXCVBNM;:_", "|ʒ×   ŋµ’◌̣–", "¦Ʒ·   Ŋ—‘◌̇◌̦"],
  [],
];
