// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  ["\"1234567890*-", "é!'^+%&/()=?_", "<>£#$½¾{[]}\\|", "°¡²³¼⅜   ±°¿"],
  ["qwertyuıopğü,", "QWERTYUIOPĞÜ;", "@ €¶₺←ûîô ◌̈~`", "Ω  ® ¥ÛÎÔ ◌̊◌̄◌̀"],
  ["asdfghjklşi", "ASDFGHJKLŞİ", "âß ª  ◌̉  ´'", "Â     ◌̛  ◌́◌̌"],
  ["<zxcvbnmöç.", ">ZXCVBNMÖÇ:", "|«»¢„“”µ×·◌̇", "¦<>©‚‘’º ÷◌̇"],
  [],
];
