/* A pool of PostgreSQL connections.
 *
 * Connections are opened when they are needed, at most `size`, and lent. Who finds none free waits; waiters are
 * served in the order of their start. A connection that broke is thrown away, and the next waiter opens another;
 * an attempt that fails fails the waiter that has waited longest. Nothing is tried again, and the session is not
 * reset between two borrowers: a SET, a temporary table or an advisory lock stays. What must not stay is a
 * transaction block: the connection is then closed, and whoever gives it back is told.
 *
 * Threads: the loop's. */
#ifndef SCALERUN_ENGINE_PG_POOL_H
#define SCALERUN_ENGINE_PG_POOL_H

#include "scalerun/engine/pg.h"

struct sr_pg_pool;

#define SR_PG_POOL_MAX 1000 /* connections */

struct sr_pg_pool_options {
	struct sr_pg_options connection;
	unsigned size;           /* 1 … SR_PG_POOL_MAX */
	unsigned share;          /* borrowers that may share a connection, of those who agree to; 0: 1 */
	int64_t connect_timeout; /* ns */
};

/* Everything is copied. 0, -SR_EINVAL or -SR_ENOMEM. Opens nothing yet. */
int sr_pg_pool_new(struct sr_pg_pool **pool, struct sr_loop *loop, const struct sr_pg_pool_options *options,
		   struct sr_error *err);

/* Closes every connection, lent ones too, and fails who waits with SR_ESTATE; so will later acquires. */
void sr_pg_pool_close(struct sr_pg_pool *pool);

/* Closes; the memory goes when the last connection has been given back. NULL is allowed. */
void sr_pg_pool_free(struct sr_pg_pool *pool);

/* Lends a connection at once, or NULL. shared: others may use it meanwhile (each for single statements only), once
 * no further connection may be opened; the one with the fewest borrowers is taken. */
struct sr_pg *sr_pg_pool_try(struct sr_pg_pool *pool, bool shared);

/* An op that waits for a connection. After success it is taken once; an op that is freed before gives it back. */
struct sr_op *sr_pg_acquire_new(struct sr_pg_pool *pool, bool shared); /* NULL: no memory */
void sr_pg_acquire_start(struct sr_op *op, int64_t timeout);
struct sr_pg *sr_pg_acquire_take(struct sr_op *op);

/* Gives back a lent connection, which the caller then no longer touches. -SR_ESTATE when it was in a transaction
 * block: it is closed. */
int sr_pg_pool_release(struct sr_pg_pool *pool, struct sr_pg *pg, struct sr_error *err);

struct sr_pg_pool_stats {
	unsigned size, open, lent; /* connections */
	unsigned connecting, waiting;
	unsigned max_lent;  /* at once, so far */
	uint64_t timeouts;  /* waits that ended at their deadline */
	uint64_t discarded; /* connections that broke or came back in a transaction block */
};

void sr_pg_pool_stats(const struct sr_pg_pool *pool, struct sr_pg_pool_stats *stats);

#endif
