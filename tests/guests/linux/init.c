/* The first and only program of a Linux guest whose screen shows what its keyboard driver made of
   the keys. It loads a font, a layout and the compositions of dead keys from files beside it. */
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <termios.h>
#include <unistd.h>

#define DEBUG_PORT 0xe9
#define GLYPHS 512
#define GLYPH_BYTES 32 /* as KDFONTOP wants it, whatever the height */

static int screen;

static void say(const char *text) {
  while (*text) outb(*text++, DEBUG_PORT);
}

static void fail(const char *what) {
  say("failed: ");
  say(what);
  for (;;) pause();
}

/* Returns the number of whole entries that the file has. */
static size_t load(const char *path, void *entries, size_t size, size_t most) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  size_t count = fread(entries, size, most, file);
  fclose(file);
  return count;
}

static void load_font(void) {
  static unsigned char glyphs[GLYPHS * GLYPH_BYTES];
  static struct unipair pairs[GLYPHS];
  load("/font", glyphs, GLYPH_BYTES, GLYPHS);
  struct console_font_op font = {
      .op = KD_FONT_OP_SET, .width = 8, .height = 16, .charcount = GLYPHS, .data = glyphs};
  if (ioctl(screen, KDFONTOP, &font)) fail("font");
  struct unimapdesc map = {load("/characters", pairs, sizeof *pairs, GLYPHS), pairs};
  struct unimapinit start = {0, 0, 0};
  if (ioctl(screen, PIO_UNIMAPCLR, &start) || ioctl(screen, PIO_UNIMAP, &map)) fail("characters");
}

static void load_keys(void) {
  static struct kbentry keys[16 * NR_KEYS];
  static struct kbdiacrsuc composed;
  size_t count = load("/keys", keys, sizeof *keys, sizeof keys / sizeof *keys);
  for (size_t at = 0; at < count; at++)
    if (ioctl(screen, KDSKBENT, &keys[at])) fail("keys");
  composed.kb_cnt = load("/composed", composed.kbdiacruc, sizeof *composed.kbdiacruc, 256);
  if (ioctl(screen, KDSKBDIACRUC, &composed)) fail("composed");
}

static void show(const unsigned char *bytes, ssize_t count) {
  for (ssize_t at = 0; at < count; at++) {
    if (bytes[at] == '\r') dprintf(screen, "\r\n");
    else if (bytes[at] == 0x0c) dprintf(screen, "\033[2J\033[H");
    else if (bytes[at] < ' ') dprintf(screen, "^%c", bytes[at] + '@');
    else if (bytes[at] == 0x7f) dprintf(screen, "^?");
    else if (write(screen, &bytes[at], 1) != 1) fail("screen");
  }
}

int main(void) {
  if (iopl(3)) return 1;
  if (mount("devtmpfs", "/dev", "devtmpfs", 0, "")) fail("devtmpfs");
  screen = open("/dev/tty1", O_RDWR);
  if (screen < 0) fail("tty1");
  struct termios raw;
  tcgetattr(screen, &raw);
  cfmakeraw(&raw);
  tcsetattr(screen, TCSANOW, &raw);
  load_font();
  load_keys();
  if (ioctl(screen, KDSKBMODE, K_UNICODE)) fail("mode");
  /* UTF-8, no cursor, an empty screen. */
  dprintf(screen, "\033%%G\033[?25l\033[2J\033[H");
  say("ready");
  for (;;) {
    unsigned char bytes[64];
    show(bytes, read(screen, bytes, sizeof bytes));
  }
}
