/* A pool of connections of any kind: `size` are kept, up to `overflow` more are opened while all are
 * busy and closed after use, then callers wait in order of arrival. Any thread. */
#ifndef TARGET_POOL_H
#define TARGET_POOL_H

#include "scalerun/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* How connections are made. Called without the pool's lock, from the caller's thread. */
struct sr_pool_ops {
	int (*open)(void *arg, void **conn, struct sr_error *err); /* 0 or -SR_E…; has its own deadline */
	void (*close)(void *conn);
	bool (*alive)(void *conn); /* cheap: has the peer hung up while it was idle? */
};

struct sr_pool_options {
	int size;
	int overflow;
	int64_t timeout; /* longest wait for a free connection */
	bool faults;     /* whether the faults pool_… may spoil this one */
};

struct sr_pool_stats {
	int idle;
	int active;   /* lent out, those being opened included */
	int waiting;  /* callers in the queue */
	int max_used; /* most ever lent out at once */
	int64_t timeouts;
	int64_t opened;
};

struct sr_pool;

/* NULL: no memory. ops and arg must outlive the pool. */
struct sr_pool *sr_pool_new(const struct sr_pool_ops *ops, void *arg, const struct sr_pool_options *options);

/* Closes the idle connections. All must have been given back. NULL is fine. */
void sr_pool_free(struct sr_pool *pool);

/* A connection for the calling thread alone, until _put. -SR_ETIMEOUT after options.timeout, or what
 * open returned. */
int sr_pool_get(struct sr_pool *pool, void **conn, struct sr_error *err);

/* Gives it back; broken ones are closed and make room for a new one. */
void sr_pool_put(struct sr_pool *pool, void *conn, bool broken);

/* For `alive`: whether nothing is to be read from an idle socket, neither data nor its end. */
bool sr_pool_socket_quiet(int fd);

void sr_pool_stats(struct sr_pool *pool, struct sr_pool_stats *stats);

#endif
