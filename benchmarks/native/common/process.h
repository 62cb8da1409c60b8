/* What both programs ask of the system for themselves. */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <netinet/in.h>
#include <stdint.h>

/* Allows as many open files as the system lets this user have. */
void raise_file_limit(void);

/* Sends small writes at once. */
void send_at_once(int fd);

/* Waits while a call would block (or not), from now on. */
void set_blocking(int fd, int blocking);

/* 127.0.0.1 at this port. */
struct sockaddr_in loopback(uint16_t port);

#endif
