// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["'1234567890-=", "\"!@#$%◌̈&*()_+", "¬¹²³£¢¬{[]}\\§", "¬¡½¾¼⅜¨⅞™±°¿◌̨"],
  ["qwertyuiop◌́[]", "QWERTYUIOP◌̀{}", "/?°®ŧ←↓→øþ´ªº", "/?°®Ŧ¥↑ıØÞ`◌̄º"],
  ["asdfghjklç◌̃", "ASDFGHJKLÇ◌̂", "æßðđŋħ◌̉ĸł◌́~", "ÆẞÐªŊĦ◌̛&Ł◌̋^"],
  ["\\zxcvbnm,.;", "|ZXCVBNM<>:", "◌̌«»©„“”µ•·◌̣", "◌̆<>©‚‘’µ×÷◌̇"],
  ["/", "?", "°", "¿"],
];
