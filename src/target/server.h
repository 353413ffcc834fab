/* HTTP: sockets and threads of libmicrohttpd, requests handed to the route table. */
#ifndef TARGET_SERVER_H
#define TARGET_SERVER_H

#include "app.h"

#include "scalerun/base/error.h"

#include <stdint.h>

struct sr_server;

/* Listens and serves at once, a thread per connection. app must outlive the server. */
int sr_server_start(struct sr_app *app, struct sr_server **server, struct sr_error *err);

/* "http://127.0.0.1:41234" with the real port. */
const char *sr_server_url(const struct sr_server *server);

/* Takes no new connection and waits up to `wait` ns for the requests in flight. True when all have been
 * answered; false leaves their threads running, and the process should end. Frees the server when true. */
bool sr_server_stop(struct sr_server *server, int64_t wait);

#endif
