/* What the Redis tests share beside op_fixture.h: connections and commands that are waited for. */
#ifndef SCALERUN_SPEC_REDIS_FIXTURE_H
#define SCALERUN_SPEC_REDIS_FIXTURE_H

#include "op_fixture.h"
#include "scalerun/engine/redis.h"

#include <string.h>

static void close_redis(struct sr_redis *redis)
{
	bool closed = false;
	sr_redis_close(redis, set, &closed);
	assert_false(closed);
	await_set(&closed);
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
