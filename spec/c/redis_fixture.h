/* What the Redis tests share: a loop, connections and commands that are waited for. */
#ifndef SCALERUN_SPEC_REDIS_FIXTURE_H
#define SCALERUN_SPEC_REDIS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/engine/redis.h"

#include <string.h>

#define PATIENCE (20 * SR_S)

static struct sr_loop *loop;

static int make_loop(void **state)
{
	(void)state;
	struct sr_error err;
	return sr_loop_new(&loop, &err);
}

static int free_loop(void **state)
{
	(void)state;
	sr_loop_free(loop);
	return 0;
}

static bool op_runs(void *arg)
{
	return ((struct sr_op *)arg)->state != SR_OP_DONE;
}

static void ignore_done(struct sr_op *op, int status, void *arg)
{
	(void)op;
	(void)status;
	(void)arg;
}

static int finish(struct sr_op *op)
{
	assert_int_equal(sr_loop_run_while(loop, op_runs, op, sr_now() + PATIENCE), 0);
	return op->status;
}

static bool unset(void *arg)
{
	return !*(bool *)arg;
}

static void set(void *arg)
{
	*(bool *)arg = true;
}

static void close_redis(struct sr_redis *redis)
{
	bool closed = false;
	sr_redis_close(redis, set, &closed);
	assert_false(closed);
	assert_int_equal(sr_loop_run_while(loop, unset, &closed, sr_now() + PATIENCE), 0);
}

static struct sr_redis *new_redis(const char *url, size_t reply_max)
{
	struct sr_redis_address address;
	struct sr_redis *redis;
	struct sr_error err;
	assert_int_equal(sr_redis_url_parse(url, &address, &err), 0);
	assert_int_equal(sr_redis_new(&redis, loop, &address, reply_max, &err), 0);
	return redis;
}

static int try_connect(struct sr_redis *redis, int64_t timeout, struct sr_error *err)
{
	struct sr_op *op = sr_redis_connect_new(redis);
	op->done = ignore_done;
	sr_redis_connect_start(op, timeout);
	int rc = finish(op);
	*err = op->err;
	sr_op_free(op);
	return rc;
}

static struct sr_redis *connect_to(const char *url, size_t reply_max)
{
	struct sr_redis *redis = new_redis(url, reply_max);
	struct sr_error err;
	if (try_connect(redis, PATIENCE, &err) < 0)
		fail_msg("%s", err.text);
	return redis;
}

/* Adds a command given as words with one blank between them. */
static void add_words(struct sr_redis_op *op, const char *words)
{
	const char *argv[16];
	size_t lens[16];
	int argc = 0;
	struct sr_error err;
	while (*words) {
		lens[argc] = strcspn(words, " ");
		argv[argc++] = words;
		words += lens[argc - 1];
		words += *words == ' ';
	}
	assert_int_equal(sr_redis_op_add(op, argc, argv, lens, &err), 0);
}

static struct sr_redis_op *start_for(struct sr_redis *redis, const char *words, int64_t timeout)
{
	struct sr_redis_op *op = sr_redis_op_new(redis, false);
	add_words(op, words);
	op->op.done = ignore_done;
	sr_redis_op_start(op, timeout);
	return op;
}

static struct sr_redis_op *start(struct sr_redis *redis, const char *words)
{
	return start_for(redis, words, PATIENCE);
}

#endif
