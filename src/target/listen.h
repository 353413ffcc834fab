/* The listening socket. */
#ifndef TARGET_LISTEN_H
#define TARGET_LISTEN_H

#include "scalerun/base/error.h"

#include <stddef.h>

/* Binds host:port and listens. Returns the descriptor, or -SR_E… with an error that names the address.
 * url gets "http://HOST:PORT" with the port that was bound. */
int sr_listen_open(const char *host, const char *port, char *url, size_t size, struct sr_error *err);

#endif
