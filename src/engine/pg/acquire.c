/* Who waits for a connection of a pool, and what is done about it. */
#include "pool_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- waiting ---- */

static void push(struct sr_pg_pool *pool, struct acquire *acquire)
{
	acquire->prev = pool->tail;
	acquire->next = NULL;
	if (pool->tail)
		pool->tail->next = acquire;
	else
		pool->head = acquire;
	pool->tail = acquire;
	pool->waiting++;
}

static void take_out(struct sr_pg_pool *pool, struct acquire *acquire)
{
	if (acquire->prev)
		acquire->prev->next = acquire->next;
	else
		pool->head = acquire->next;
	if (acquire->next)
		acquire->next->prev = acquire->prev;
	else
		pool->tail = acquire->prev;
	pool->waiting--;
}

static void cancel_acquire(struct sr_op *base, int code)
{
	struct acquire *acquire = (struct acquire *)base;
	struct sr_pg_pool *pool = acquire->pool;
	size_t length = strlen(base->err.text);

	take_out(pool, acquire);
	if (code == SR_ETIMEOUT) {
		pool->timeouts++;
		snprintf(base->err.text + length, sizeof base->err.text - length,
			 ": no connection free, %u of %u lent, %u being opened, %u others wait", pool->lent, pool->size,
			 pool->connecting, pool->waiting);
	}
	acquire->pool = NULL;
	sr_op_finish(base, -code);
	sr_pg_pool_schedule(pool);
}

static void free_acquire(struct sr_op *base)
{
	struct acquire *acquire = (struct acquire *)base;

	if (acquire->got)
		sr_pg_pool_release(acquire->pool, acquire->got, NULL);
	free(acquire);
}

static const struct sr_op_class acquire_class = {
    .name = "pg.acquire",
    .cancel = cancel_acquire,
    .free = free_acquire,
};

void sr_pg_pool_fail_all(struct sr_pg_pool *pool)
{
	while (pool->head) {
		struct acquire *first = pool->head;

		take_out(pool, first);
		first->pool = NULL;
		sr_op_fail(&first->op, SR_ESTATE, "the pool was closed");
	}
}

/* ---- serving ---- */

static void connected(struct sr_op *op, int status, void *arg)
{
	struct sr_pg_pool *pool = arg;
	struct acquire *first = pool->head;
	unsigned place = 0;

	while (pool->attempts[place] != op)
		place++;
	pool->attempts[place] = NULL;
	pool->connecting--;
	if (status == 0 && !pool->closed) {
		struct member *member = sr_pg_pool_member(pool, NULL);

		member->pg = sr_pg_connect_take(op);
		member->pg->changed = sr_pg_pool_schedule;
		member->pg->changed_arg = pool;
		pool->open++;
	} else if (first && !pool->closed) {
		take_out(pool, first);
		first->op.err = op->err;
		first->pool = NULL;
		sr_op_finish(&first->op, status);
	}
	sr_op_free(op);
	sr_pg_pool_schedule(pool);
	sr_pg_pool_unused(pool);
}

static bool open_another(struct sr_pg_pool *pool)
{
	struct sr_op *op = sr_pg_connect_new(pool->loop, &pool->options.all);
	unsigned place = 0;

	if (!op)
		return false;
	while (pool->attempts[place])
		place++;
	pool->attempts[place] = op;
	pool->connecting++;
	op->done = connected;
	op->arg = pool;
	sr_pg_connect_start(op, pool->connect_timeout);
	return true;
}

void sr_pg_pool_serve(void *arg)
{
	struct sr_pg_pool *pool = arg;

	sr_pg_pool_throw_out(pool);
	while (pool->head) {
		struct acquire *first = pool->head;
		struct member *member = sr_pg_pool_choose(pool, first->shared);

		if (!member)
			break;
		take_out(pool, first);
		first->got = sr_pg_pool_lend(pool, member, first->shared);
		sr_op_finish(&first->op, 0);
	}
	while (pool->connecting < pool->waiting && pool->open + pool->connecting < pool->size) {
		if (open_another(pool))
			continue;
		struct acquire *first = pool->head;

		take_out(pool, first);
		first->pool = NULL;
		sr_op_fail(&first->op, SR_ENOMEM, "out of memory");
	}
}

struct sr_op *sr_pg_acquire_new(struct sr_pg_pool *pool, bool shared)
{
	struct acquire *acquire = calloc(1, sizeof *acquire);

	if (!acquire)
		return NULL;
	sr_op_init(&acquire->op, pool->loop, &acquire_class);
	acquire->pool = pool;
	acquire->shared = shared;
	return &acquire->op;
}

void sr_pg_acquire_start(struct sr_op *base, int64_t timeout)
{
	struct acquire *acquire = (struct acquire *)base;
	struct sr_pg_pool *pool = acquire->pool;

	sr_op_begin(base, timeout);
	if (pool->closed) {
		sr_op_fail(base, SR_ESTATE, "the pool is closed");
		return;
	}
	push(pool, acquire);
	sr_pg_pool_schedule(pool);
}

struct sr_pg *sr_pg_acquire_take(struct sr_op *base)
{
	struct acquire *acquire = (struct acquire *)base;
	struct sr_pg *pg = acquire->got;

	acquire->got = NULL;
	return pg;
}
