/*
 * The guest end: an RFB 3.8 server without a password. Behind each login it does what the viewer
 * orders (common/order.h), flat out, so that it is not what is measured.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/process.h"
#include "guest.h"

int main(int argc, char **argv)
{
    static const struct option known[] = {{"port", required_argument, NULL, 'p'}, {0}};
    static struct guest guest;
    unsigned long port = 0;
    char *end = "";
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) == 'p')
        port = strtoul(optarg, &end, 10);
    if (option != -1 || optind < argc || *end != '\0' || port > UINT16_MAX) {
        fprintf(stderr, "usage: guest [--port PORT]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    if (!guest_open(&guest, (uint16_t)port)) {
        fprintf(stderr, "guest: port %lu: %s\n", port, strerror(errno));
        return 1;
    }
    printf("{\"port\": %u}\n", guest.port);
    fflush(stdout);
    guest_serve(&guest);
    guest_close(&guest);
    return 0;
}
