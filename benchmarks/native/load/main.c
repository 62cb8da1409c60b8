/*
 * The load generator: viewers of a console proxy, and what they measure. See options.c for how it
 * is called; what it finds is told in lines of JSON: "ready" when all sessions run and are warm,
 * "start" and "end" at both sides of the window, the last with the results, or "error".
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../common/process.h"
#include "events.h"
#include "modes.h"
#include "timeline.h"
#include "tls.h"

struct mode {
    const char *name;
    mode_run *run;
    bool asks_guest;
};

static const struct mode modes[] = {
    {"down", mode_down, false}, {"up", mode_up, true},      {"echo", mode_echo, false},
    {"open", mode_open, false}, {"idle", mode_idle, false}, {"slow", mode_slow, true},
    {"key", mode_key, true},
};

static const struct mode *find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, name) == 0)
            return modes + i;
    return NULL;
}

static bool run(const struct mode *mode, const struct options *options)
{
    if (mode == NULL)
        return timeline_fail("no such mode");
    if (mode->asks_guest && options->guest_port == 0)
        return timeline_fail("this mode needs --guest-port");
    SSL_CTX *tls = options->tls ? tls_context() : NULL;
    if (options->tls && tls == NULL)
        return timeline_fail("no TLS");
    bool good = mode->run(options, tls);
    SSL_CTX_free(tls);
    return good;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!options_read(&options, argc, argv))
        return 2;
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    timeline_prepare();
    bool good = run(find_mode(options.mode), &options);
    options_free(&options);
    return good ? 0 : 1;
}
