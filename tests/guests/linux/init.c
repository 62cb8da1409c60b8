/* The first and only program of a Linux guest whose screen shows what its keyboard driver made of
   the keys. For each name that a line of the serial port has, it loads a font, a layout and the
   compositions of dead keys from the folder of that name, clears the screen, and says "ready". */
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <poll.h>
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
static size_t load(const char *folder, const char *name, void *entries, size_t size, size_t most) {
  char path[64];
  snprintf(path, sizeof path, "/%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  size_t count = fread(entries, size, most, file);
  fclose(file);
  return count;
}

static void load_font(const char *folder) {
  static unsigned char glyphs[GLYPHS * GLYPH_BYTES];
  static struct unipair pairs[GLYPHS];
  load(folder, "font", glyphs, GLYPH_BYTES, GLYPHS);
  struct console_font_op font = {
      .op = KD_FONT_OP_SET, .width = 8, .height = 16, .charcount = GLYPHS, .data = glyphs};
  if (ioctl(screen, KDFONTOP, &font)) fail("font");
  struct unimapdesc map = {load(folder, "characters", pairs, sizeof *pairs, GLYPHS), pairs};
  struct unimapinit start = {0, 0, 0};
  if (ioctl(screen, PIO_UNIMAPCLR, &start) || ioctl(screen, PIO_UNIMAP, &map)) fail("characters");
}

static void load_keys(const char *folder) {
  static struct kbentry keys[16 * NR_KEYS];
  static struct kbdiacrsuc composed;
  size_t count = load(folder, "keys", keys, sizeof *keys, sizeof keys / sizeof *keys);
  for (size_t at = 0; at < count; at++)
    if (ioctl(screen, KDSKBENT, &keys[at])) fail("keys");
  composed.kb_cnt = load(folder, "composed", composed.kbdiacruc, sizeof *composed.kbdiacruc, 256);
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

static void make_raw(int terminal) {
  struct termios raw;
  if (tcgetattr(terminal, &raw)) fail("terminal");
  cfmakeraw(&raw);
  tcsetattr(terminal, TCSANOW, &raw);
}

/* Begins anew with a layout: no lock is on, and the screen is empty. */
static void wear(const char *folder) {
  load_font(folder);
  load_keys(folder);
  if (ioctl(screen, KDSKBMODE, K_UNICODE) || ioctl(screen, KDSKBLED, 0)) fail("mode");
  /* UTF-8, no cursor. */
  dprintf(screen, "\033%%G\033[?25l\033[2J\033[H");
  say("ready\n");
}

/* Reads what there is of a name; returns whether it is whole. */
static int heard(int serial, char *name, size_t *length, size_t most) {
  while (*length < most && read(serial, &name[*length], 1) == 1) {
    if (name[*length] == '\n') {
      name[*length] = 0;
      *length = 0;
      return 1;
    }
    ++*length;
  }
  return 0;
}

int main(void) {
  if (iopl(3)) return 1;
  if (mount("devtmpfs", "/dev", "devtmpfs", 0, "")) fail("devtmpfs");
  screen = open("/dev/tty1", O_RDWR);
  if (screen < 0) fail("tty1");
  int serial = open("/dev/ttyS0", O_RDWR | O_NONBLOCK);
  if (serial < 0) fail("ttyS0");
  make_raw(screen);
  make_raw(serial);
  say("up\n");
  struct pollfd ends[] = {{.fd = screen, .events = POLLIN}, {.fd = serial, .events = POLLIN}};
  char name[32];
  size_t length = 0;
  for (;;) {
    poll(ends, 2, -1);
    if (ends[0].revents) {
      unsigned char bytes[64];
      show(bytes, read(screen, bytes, sizeof bytes));
    }
    if (ends[1].revents && heard(serial, name, &length, sizeof name)) wear(name);
  }
}
