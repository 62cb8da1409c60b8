// Written by static/novnc/layouts.py from xkeyboard-config 2.35.1.
export default [
  [";1234567890-=", "~!@#$%^&*)(_+", "׳  €₪°ֽ֫×\u200e\u200f־–"],
  ["/'קראטוןםפ][\\", "QWERTYUIOP}{|", "ֳָׁׂ װֹ  ֲַֻֿ"],
  ["שדגכעיחלךף,", "ASDFGHJKL:\"", "ְּ  ױײִ ”„״"],
  ["<זסבהנמצתץ.", ">ZXCVBNM><?", "| ֱֶ   ֵ’‚÷", "¦    ׆"],
  [],
];
