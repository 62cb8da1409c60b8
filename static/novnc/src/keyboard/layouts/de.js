// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["◌̂1234567890ß◌́", "°!\"§$%&/()=?◌̀", "′¹²³¼½¬{[]}\\◌̧", "″¡⅛£¤⅜⅝⅞™±°¿◌̨"],
  ["qwertzuiopü+#", "QWERTZUIOPÜ*'", "@ſ€¶ŧ←↓→øþ◌̈~’", "Ω§€®Ŧ¥↑ıØÞ◌̊¯◌̆"],
  ["asdfghjklöä", "ASDFGHJKLÖÄ", "æſðđŋħ◌̣ĸł◌̋◌̂", "ÆẞÐªŊĦ◌̇&Ł◌̣◌̌"],
  ["<yxcvbnm,.-", ">YXCVBNM;:_", "|»«¢„“”µ·…–", " ›‹©‚‘’º×÷—"],
  [],
];
