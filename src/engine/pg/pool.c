#include "pool_private.h"

#include <stdlib.h>

void sr_pg_pool_unused(struct sr_pg_pool *pool)
{
	if (!pool->freed || pool->lent || pool->connecting)
		return;
	sr_loop_forget(pool->loop, &pool->serve);
	sr_pg_options_deinit(&pool->options);
	free(pool->members);
	free(pool->attempts);
	free(pool);
}

void sr_pg_pool_schedule(void *arg)
{
	struct sr_pg_pool *pool = arg;

	if (!pool->closed)
		sr_loop_defer(pool->loop, &pool->serve);
}

/* ---- members ---- */

static void discard(struct sr_pg_pool *pool, struct member *member)
{
	sr_pg_free(member->pg);
	*member = (struct member){0};
	pool->open--;
}

static bool is_broken(const struct member *member)
{
	return member->pg->why.code != 0;
}

void sr_pg_pool_throw_out(struct sr_pg_pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++) {
		struct member *member = &pool->members[i];

		bool useless = member->pg && (is_broken(member) || (member->pg->in_block && sr_pg_idle(member->pg)));

		if (!useless || member->borrowers)
			continue;
		discard(pool, member);
		pool->discarded++;
	}
}

static bool is_free(const struct member *member)
{
	return member->pg && !member->borrowers && sr_pg_idle(member->pg) && !member->pg->in_block;
}

static bool can_join(const struct sr_pg_pool *pool, const struct member *member)
{
	return member->pg && member->borrowers > 0 && member->shared && member->borrowers < pool->share &&
	       !is_broken(member) && !sr_pg_draining(member->pg);
}

struct member *sr_pg_pool_choose(struct sr_pg_pool *pool, bool shared)
{
	struct member *least = NULL;

	for (unsigned i = 0; i < pool->size; i++) {
		struct member *member = &pool->members[i];

		if (is_free(member))
			return member;
		if (shared && can_join(pool, member) && (!least || member->borrowers < least->borrowers))
			least = member;
	}
	return pool->open + pool->connecting < pool->size ? NULL : least;
}

struct sr_pg *sr_pg_pool_lend(struct sr_pg_pool *pool, struct member *member, bool shared)
{
	if (member->borrowers++ == 0) {
		pool->lent++;
		pool->max_lent = pool->lent > pool->max_lent ? pool->lent : pool->max_lent;
	}
	member->shared = shared;
	return member->pg;
}

struct member *sr_pg_pool_member(struct sr_pg_pool *pool, const struct sr_pg *pg)
{
	struct member *member = pool->members;

	while (member->pg != pg)
		member++;
	return member;
}

/* ---- the pool ---- */

int sr_pg_pool_new(struct sr_pg_pool **out, struct sr_loop *loop, const struct sr_pg_pool_options *options,
		   struct sr_error *err)
{
	struct sr_pg_pool *pool;

	*out = NULL;
	if (options->size < 1 || options->size > SR_PG_POOL_MAX)
		return sr_fail(err, SR_EINVAL, "pg.pool", "size must be between 1 and %d", SR_PG_POOL_MAX);
	pool = calloc(1, sizeof *pool);
	if (!pool)
		return sr_fail(err, SR_ENOMEM, "pg.pool", "out of memory");
	pool->loop = loop;
	pool->size = options->size;
	pool->share = options->share ? options->share : 1;
	pool->connect_timeout = options->connect_timeout;
	pool->serve = (struct sr_job){.fn = sr_pg_pool_serve, .arg = pool};
	pool->members = calloc(pool->size, sizeof *pool->members);
	pool->attempts = calloc(pool->size, sizeof(struct sr_op *));
	if (!pool->members || !pool->attempts || !sr_pg_options_copy(&pool->options, &options->connection)) {
		pool->freed = true;
		sr_pg_pool_unused(pool);
		return sr_fail(err, SR_ENOMEM, "pg.pool", "out of memory");
	}
	*out = pool;
	return 0;
}

struct sr_pg *sr_pg_pool_try(struct sr_pg_pool *pool, bool shared)
{
	struct member *member;

	if (pool->closed || pool->head)
		return NULL;
	member = sr_pg_pool_choose(pool, shared);
	return member ? sr_pg_pool_lend(pool, member, shared) : NULL;
}

int sr_pg_pool_release(struct sr_pg_pool *pool, struct sr_pg *pg, struct sr_error *err)
{
	struct member *member = sr_pg_pool_member(pool, pg);
	int rc = 0;

	if (--member->borrowers == 0) {
		pool->lent--;
		if (pg->in_block && !pg->held)
			rc = sr_fail(err, SR_ESTATE, "pg.pool",
				     "a connection was given back inside a transaction block that a query had begun; "
				     "it was closed, what it had not committed is undone");
		if (pool->closed)
			discard(pool, member);
	}
	sr_pg_pool_schedule(pool);
	sr_pg_pool_unused(pool);
	return rc;
}

void sr_pg_pool_stats(const struct sr_pg_pool *pool, struct sr_pg_pool_stats *stats)
{
	*stats = (struct sr_pg_pool_stats){
	    .size = pool->size,
	    .open = pool->open,
	    .lent = pool->lent,
	    .connecting = pool->connecting,
	    .waiting = pool->waiting,
	    .max_lent = pool->max_lent,
	    .timeouts = pool->timeouts,
	    .discarded = pool->discarded,
	};
}

void sr_pg_pool_close(struct sr_pg_pool *pool)
{
	if (pool->closed)
		return;
	pool->closed = true;
	sr_loop_forget(pool->loop, &pool->serve);
	sr_pg_pool_fail_all(pool);
	for (unsigned i = 0; i < pool->size; i++) {
		struct member *member = &pool->members[i];

		if (pool->attempts[i])
			sr_op_cancel(pool->attempts[i]);
		if (member->pg && member->borrowers)
			sr_pg_close(member->pg);
		else if (member->pg)
			discard(pool, member);
	}
}

void sr_pg_pool_free(struct sr_pg_pool *pool)
{
	if (!pool)
		return;
	sr_pg_pool_close(pool);
	pool->freed = true;
	sr_pg_pool_unused(pool);
}
