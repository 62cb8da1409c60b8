/* The measurements. Each tells its events, and is false if it told an error. */
#ifndef LOAD_MODES_H
#define LOAD_MODES_H

#include <stdbool.h>

#include "options.h"
#include "wire.h"

typedef bool mode_run(const struct options *options, SSL_CTX *tls);

mode_run mode_down, mode_up, mode_echo, mode_open, mode_idle, mode_slow, mode_key;

#endif
