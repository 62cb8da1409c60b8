// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["`1234567890-=", "~!@#$%^&*()_+", "¬≠²³¢€½§·«»–◌̧", "∨¡¿£¼‰∧≈¾±°—◌̨"],
  ["qwertyuiop[]\\", "QWERTYUIOP{}|", "πœę©ß←↓→óþ◌̈◌̃◌̀", "ΩŒĘ®™¥↑↔ÓÞ◌̊◌̄◌̆"],
  ["asdfghjkl;'", "ASDFGHJKL:\"", "ąśðæŋ’ə…ł◌́◌̂", "ĄŚÐÆŊ•Ə◌̵Ł◌̋◌̌"],
  ["<zxcvbnm,./", ">ZXCVBNM<>?", "|żźć„”ńµ≤≥◌̣", "¦ŻŹĆ‘“Ń∞×÷◌̇"],
  [],
];
