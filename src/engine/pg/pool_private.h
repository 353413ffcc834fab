/* What pool.c (members and lending) and acquire.c (waiting and serving) share. */
#ifndef SR_PG_POOL_PRIVATE_H
#define SR_PG_POOL_PRIVATE_H

#include "internal.h"
#include "options.h"
#include "scalerun/engine/pg_pool.h"

struct member {
	struct sr_pg *pg; /* NULL: the place is free */
	unsigned borrowers;
	bool shared; /* while it has borrowers */
};

struct acquire {
	struct sr_op op;
	struct sr_pg_pool *pool; /* while it waits, and until what it got is taken */
	struct sr_pg *got;
	bool shared;
	struct acquire *prev, *next;
};

struct sr_pg_pool {
	struct sr_loop *loop;
	struct pg_options options;
	int64_t connect_timeout;
	unsigned size, share;
	struct member *members; /* size places */
	unsigned open, lent, connecting, waiting, max_lent;
	uint64_t timeouts, discarded;
	struct acquire *head, *tail; /* who waits */
	struct sr_op **attempts;     /* size places: connections being opened */
	struct sr_job serve;
	bool closed;
	bool freed; /* the owner is gone: free it when nothing is lent and no attempt runs */
};

void sr_pg_pool_schedule(void *pool);            /* something may be served */
void sr_pg_pool_unused(struct sr_pg_pool *pool); /* frees it if nothing needs it any more */

/* A connection that may be lent now, or NULL. */
struct member *sr_pg_pool_choose(struct sr_pg_pool *pool, bool shared);
struct sr_pg *sr_pg_pool_lend(struct sr_pg_pool *pool, struct member *member, bool shared);
struct member *sr_pg_pool_member(struct sr_pg_pool *pool, const struct sr_pg *pg); /* NULL: a free place */
void sr_pg_pool_throw_out(struct sr_pg_pool *pool);                                /* the broken that nobody has */

void sr_pg_pool_serve(void *pool); /* acquire.c */
void sr_pg_pool_fail_all(struct sr_pg_pool *pool);

#endif
