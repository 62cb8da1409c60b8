/* The messages of an RFB 3.8 login without a password (RFC 6143, 7.1 to 7.3). */
#ifndef COMMON_RFB_H
#define COMMON_RFB_H

#define RFB_VERSION "RFB 003.008\n"
#define RFB_VERSION_BYTES 12
#define RFB_SECURITY_NONE 1
#define RFB_RESULT_BYTES 4
/* ServerInit without the name, whose length is its last field. */
#define RFB_INIT_BYTES 24
#define RFB_NAME_LENGTH_AT 20

#endif
