#include "events.h"

#include <stdarg.h>
#include <stdio.h>

void event_tell(const char *name)
{
    printf("{\"event\":\"%s\"}\n", name);
    fflush(stdout);
}

void event_error(const char *reason)
{
    printf("{\"event\":\"error\",\"reason\":\"");
    for (; *reason != '\0'; reason++)
        if (*reason >= ' ' && *reason != '"' && *reason != '\\')
            putchar(*reason);
    printf("\"}\n");
    fflush(stdout);
}

void event_end(const char *format, ...)
{
    va_list members;
    va_start(members, format);
    printf("{\"event\":\"end\",");
    vprintf(format, members);
    printf("}\n");
    va_end(members);
    fflush(stdout);
}
