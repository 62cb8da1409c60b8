#define _GNU_SOURCE
#include "guest_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/order.h"
#include "../common/process.h"
#include "../common/rfb.h"

/* The guest's greeting, and behind it a line of JSON in the words of guest/report.c. */
static bool parse(struct guest_report *report, char *line)
{
    int keys_at = 0;
    if (sscanf(line,
               RFB_VERSION "{\"received\":%" SCNu64 ",\"sent\":%" SCNu64
                           ",\"sessions\":%*u,\"keys_ns\":[%n",
               &report->received, &report->sent, &keys_at) != 2 ||
        keys_at == 0)
        return false;
    char *at = line + keys_at;
    report->keys_ns = malloc(strlen(at) * sizeof *report->keys_ns);
    while (report->keys_ns != NULL && *at >= '0' && *at <= '9') {
        report->keys_ns[report->keys++] = strtoull(at, &at, 10);
        at += *at == ',';
    }
    return report->keys_ns != NULL && *at == ']';
}

bool guest_report_ask(struct guest_report *report, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    struct order order = {.work = WORK_REPORT};
    uint8_t words[ORDER_BYTES];
    char *line = NULL;
    size_t room = 0;
    bool good = false;

    *report = (struct guest_report){0};
    order_write(&order, words);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, words, sizeof words, MSG_NOSIGNAL) != sizeof words) {
        close(fd);
        return false;
    }
    FILE *in = fdopen(fd, "r");
    if (in == NULL) {
        close(fd);
        return false;
    }
    if (getdelim(&line, &room, '\0', in) > 0)
        good = parse(report, line);
    free(line);
    fclose(in);
    return good;
}

void guest_report_free(struct guest_report *report)
{
    free(report->keys_ns);
    report->keys_ns = NULL;
}
