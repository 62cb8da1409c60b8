/* The client's side of TLS. Whoever measures trusts every certificate. */
#ifndef LOAD_TLS_H
#define LOAD_TLS_H

#include <openssl/ssl.h>

/* One for all sessions: full handshakes, records read in large pieces. NULL if out of memory. */
SSL_CTX *tls_context(void);

#endif
