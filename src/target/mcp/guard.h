/* Protection against DNS rebinding: which Host and Origin headers are let in. No I/O, any thread. */
#ifndef TARGET_MCP_GUARD_H
#define TARGET_MCP_GUARD_H

#include <stdbool.h>

#define SR_GUARD_NAMES 16

/* Loopback names and the listening address are always allowed; the lists add to them. */
struct sr_guard {
	const char *listen;                  /* the host of --listen, without brackets */
	const char *hosts[SR_GUARD_NAMES];   /* "name" (any port) or "name:port"; ends with NULL or is full */
	const char *origins[SR_GUARD_NAMES]; /* "scheme://host[:port]", as browsers send them */
};

/* Whether a host's name or address is this machine's own. */
bool sr_guard_is_loopback(const char *name);

/* A Host header; NULL (absent) is refused. */
bool sr_guard_host(const struct sr_guard *guard, const char *host);

/* An Origin header; NULL (absent, no browser) is allowed, "null" is not. */
bool sr_guard_origin(const struct sr_guard *guard, const char *origin);

#endif
