#define _GNU_SOURCE
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sessions; a port of loopback each. */
#define MOST 60000

static const struct option known[] = {
    {"port", required_argument, NULL, 'p'},
    {"guest-port", required_argument, NULL, 'g'},
    {"targets", required_argument, NULL, 't'},
    {"raw", no_argument, NULL, 'r'},
    {"tls", no_argument, NULL, 'T'},
    {"wait", no_argument, NULL, 'w'},
    {"sessions", required_argument, NULL, 'n'},
    {"busy", required_argument, NULL, 'b'},
    {"flight", required_argument, NULL, 'f'},
    {"write", required_argument, NULL, 'W'},
    {"rate", required_argument, NULL, 'k'},
    {"seconds", required_argument, NULL, 's'},
    {0},
};

static const char usage[] =
    "usage: load MODE --port PORT [option...]\n"
    "MODE: down, up, echo, open, idle, slow, key\n"
    "  --port PORT        of the proxy, on 127.0.0.1\n"
    "  --guest-port PORT  of the guest, to ask it for its counters: up, slow, key\n"
    "  --targets FILE     HTTP request targets, one a line, one for each session\n"
    "  --raw              RFB over TCP, without a websocket\n"
    "  --tls              TLS around it; the certificate is not checked\n"
    "  --wait             go on behind \"ready\" when a line comes on stdin\n"
    "  --sessions N       (1) down, up, idle, slow\n"
    "  --busy N           (0) streaming sessions beside the echo\n"
    "  --flight N         (16) consoles being opened at a time\n"
    "  --write BYTES      (65536) the guest's writes\n"
    "  --rate KIB         KiB/s of each stream, or of the browser in key; (0) flat out\n"
    "  --seconds S        (1) the window\n";

static bool read_targets(struct options *options, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint32_t allocated = 0;
    while ((length = getline(&line, &room, file)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (options->target_count == allocated) {
            allocated = allocated * 2 + 64;
            options->targets = realloc(options->targets, allocated * sizeof *options->targets);
        }
        options->targets[options->target_count++] = strdup(line);
    }
    free(line);
    fclose(file);
    return options->target_count > 0;
}

/* A whole number up to this; false if the text is none. */
static bool number(const char *text, uint32_t most, uint32_t *value)
{
    char *end;
    unsigned long found = strtoul(text, &end, 10);
    *value = (uint32_t)found;
    return *text >= '0' && *text <= '9' && *end == '\0' && found <= most;
}

static bool port(const char *text, uint16_t *value)
{
    uint32_t found;
    bool good = number(text, UINT16_MAX, &found);
    *value = (uint16_t)found;
    return good;
}

static bool seconds(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 0;
}

static bool take(struct options *options, int name, const char *value)
{
    switch (name) {
    case 'p':
        return port(value, &options->port);
    case 'g':
        return port(value, &options->guest_port);
    case 't':
        return read_targets(options, value);
    case 'r':
        return options->raw = true;
    case 'T':
        return options->tls = true;
    case 'w':
        return options->wait = true;
    case 'n':
        return number(value, MOST, &options->sessions);
    case 'b':
        return number(value, MOST, &options->busy);
    case 'f':
        return number(value, MOST, &options->flight);
    case 'W':
        return number(value, UINT32_MAX, &options->write_bytes);
    case 'k':
        return number(value, UINT32_MAX, &options->rate_kib);
    case 's':
        return seconds(value, &options->seconds);
    default:
        return false;
    }
}

bool options_read(struct options *options, int argc, char **argv)
{
    *options = (struct options){
        .sessions = 1, .flight = 16, .write_bytes = 65536, .seconds = 1};
    bool good = true;
    int name;
    while (good && (name = getopt_long(argc, argv, "", known, NULL)) != -1)
        good = take(options, name, optarg);
    good = good && optind == argc - 1 && options->port > 0 && options->sessions > 0 &&
           options->flight > 0 && options->seconds > 0;
    if (good)
        options->mode = argv[optind];
    else
        fputs(usage, stderr);
    return good;
}

void options_free(struct options *options)
{
    for (uint32_t i = 0; i < options->target_count; i++)
        free(options->targets[i]);
    free(options->targets);
}
