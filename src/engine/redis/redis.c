#include "private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RING_SIZE 64 /* at first */

/* ---- the connection's life ------------------------------------------------------------------------ */

const char *sr_redis_place(const struct sr_redis *redis, char *out, size_t size)
{
	const struct sr_redis_address *address = &redis->address;
	if (address->path[0])
		snprintf(out, size, "%s", address->path);
	else
		snprintf(out, size, strchr(address->host, ':') ? "[%s]:%d" : "%s:%d", address->host, address->port);
	return out;
}

static void flush_job(void *arg)
{
	sr_redis_flush(arg);
}

static void release(void *arg)
{
	struct sr_redis *redis = arg;
	void (*closed)(void *) = redis->closed;
	void *closed_arg = redis->closed_arg;
	if (redis->addresses)
		uv_freeaddrinfo(redis->addresses);
	redisReaderFree(redis->reader);
	sr_buf_deinit(&redis->out);
	free(redis->ring);
	free(redis);
	if (closed)
		closed(closed_arg);
}

int sr_redis_new(struct sr_redis **result, struct sr_loop *loop, const struct sr_redis_address *address,
		 size_t reply_max, struct sr_error *err)
{
	struct sr_redis *redis = calloc(1, sizeof(*redis));
	redisReader *reader = redisReaderCreateWithFunctions(&sr_redis_value_functions);
	struct sr_redis_pending *ring = calloc(RING_SIZE, sizeof(*ring));
	if (!redis || !reader || !ring) {
		free(redis);
		free(ring);
		if (reader)
			redisReaderFree(reader);
		return sr_fail(err, SR_ENOMEM, "redis.connect", "out of memory");
	}
	redis->loop = loop;
	redis->address = *address;
	redis->flush_job = (struct sr_job){.fn = flush_job, .arg = redis};
	redis->closed_job = (struct sr_job){.fn = release, .arg = redis};
	redis->budget.max = reply_max > 0 ? reply_max : SR_REDIS_REPLY_MAX;
	redis->reader = reader;
	redisReaderSetPrivdata(reader, &redis->budget);
	redis->ring = ring;
	redis->ring_size = RING_SIZE;
	sr_buf_init(&redis->out, SR_REDIS_SEND_MAX);
	*result = redis;
	return 0;
}

bool sr_redis_is_open(const struct sr_redis *redis)
{
	return redis->state == SR_REDIS_OPEN;
}

size_t sr_redis_pending(const struct sr_redis *redis)
{
	return (size_t)(redis->next - redis->first);
}

static struct sr_redis_pending *pending_at(struct sr_redis *redis, uint64_t sequence)
{
	return &redis->ring[sequence & (redis->ring_size - 1)];
}

static void fail_with(struct sr_op *op, const struct sr_error *failure)
{
	/* An op that is ended early keeps its own reason. */
	if (!op->cancelling) {
		op->err = *failure;
		snprintf(op->err.op, sizeof(op->err.op), "%s", op->cls->name);
	}
	sr_op_finish(op, -op->err.code);
}

void sr_redis_break(struct sr_redis *redis, const struct sr_error *failure)
{
	redis->state = SR_REDIS_BROKEN;
	redis->failure = *failure;
	sr_loop_forget(redis->loop, &redis->flush_job);
	sr_redis_drop_socket(redis);
	if (redis->resolving)
		uv_cancel((uv_req_t *)&redis->resolver);
	if (redis->connect) {
		fail_with(redis->connect, failure);
		redis->connect = NULL;
	}
	for (; redis->first < redis->next; redis->first++) {
		struct sr_redis_op *op = pending_at(redis, redis->first)->op;
		if (op)
			fail_with(&op->op, failure);
	}
}

void sr_redis_release_when_done(struct sr_redis *redis)
{
	if (redis->closing && redis->handles == 0 && !redis->resolving)
		sr_loop_defer(redis->loop, &redis->closed_job);
}

void sr_redis_close(struct sr_redis *redis, void (*closed)(void *arg), void *arg)
{
	if (redis->state != SR_REDIS_BROKEN) {
		struct sr_error err;
		sr_fail(&err, SR_ECLOSED, "redis", "the connection was closed here");
		sr_redis_break(redis, &err);
	}
	redis->closing = true;
	redis->closed = closed;
	redis->closed_arg = arg;
	sr_redis_release_when_done(redis);
}

/* ---- commands ------------------------------------------------------------------------------------- */

static void cancel_command(struct sr_op *op, int code)
{
	struct sr_redis_op *command = (struct sr_redis_op *)op;
	pending_at(command->redis, command->sequence)->op = NULL;
	sr_op_finish(op, -code);
}

static void free_command(struct sr_op *op)
{
	struct sr_redis_op *command = (struct sr_redis_op *)op;
	for (size_t i = 0; i < command->replied; i++)
		sr_redis_value_free(command->replies[i]);
	if (command->replies != &command->single)
		free(command->replies);
	sr_buf_deinit(&command->bytes);
	free(command);
}

static const struct sr_op_class call_class = {.name = "redis.call", .cancel = cancel_command, .free = free_command};
static const struct sr_op_class pipeline_class = {
    .name = "redis.pipeline", .cancel = cancel_command, .free = free_command};

struct sr_redis_op *sr_redis_op_new(struct sr_redis *redis, bool pipeline)
{
	struct sr_redis_op *command = malloc(sizeof(*command));
	if (!command)
		return NULL;
	sr_op_init(&command->op, redis->loop, pipeline ? &pipeline_class : &call_class);
	command->redis = redis;
	command->pipeline = pipeline;
	command->count = 0;
	command->replied = 0;
	command->replies = &command->single;
	sr_buf_init(&command->bytes, SR_REDIS_SEND_MAX);
	return command;
}

int sr_redis_op_add(struct sr_redis_op *command, int argc, const char **argv, const size_t *lens, struct sr_error *err)
{
	int rc = sr_redis_command_check(argc, argv, lens, err);
	if (rc == 0)
		rc = sr_redis_command_format(&command->bytes, argc, argv, lens, err);
	if (rc == 0)
		command->count++;
	return rc;
}

/* Room for one more op in the ring. */
static int grow_ring(struct sr_redis *redis)
{
	size_t used = sr_redis_pending(redis);
	if (used < redis->ring_size)
		return 0;
	if (used >= SR_REDIS_PENDING_MAX)
		return -SR_ELIMIT;
	struct sr_redis_pending *ring = calloc(redis->ring_size * 2, sizeof(*ring));
	if (!ring)
		return -SR_ENOMEM;
	for (uint64_t i = redis->first; i < redis->next; i++)
		ring[i & (redis->ring_size * 2 - 1)] = *pending_at(redis, i);
	free(redis->ring);
	redis->ring = ring;
	redis->ring_size *= 2;
	return 0;
}

static int enqueue(struct sr_redis_op *command, struct sr_error *err)
{
	struct sr_redis *redis = command->redis;
	const char *name = command->op.cls->name;
	if (redis->state == SR_REDIS_BROKEN)
		return sr_fail(err, SR_ESTATE, name, "not connected: %s", redis->failure.text);
	if (redis->state != SR_REDIS_OPEN)
		return sr_fail(err, SR_ESTATE, name, "not connected yet");
	if (command->count > 1) {
		command->replies = calloc(command->count, sizeof(struct sr_redis_value *));
		if (!command->replies) {
			command->replies = &command->single;
			return sr_fail(err, SR_ENOMEM, name, "no memory for %zu replies", command->count);
		}
	}
	int rc = grow_ring(redis);
	if (rc == 0)
		rc = sr_buf_append(&redis->out, command->bytes.data, command->bytes.len);
	if (rc < 0)
		return sr_fail(err, -rc, name, "%s",
			       rc == -SR_ELIMIT ? "too many commands wait for this connection"
						: "no memory for a command");
	sr_buf_deinit(&command->bytes);
	command->sequence = redis->next++;
	*pending_at(redis, command->sequence) = (struct sr_redis_pending){.op = command, .left = command->count};
	return 0;
}

void sr_redis_op_start(struct sr_redis_op *command, int64_t timeout)
{
	sr_op_begin(&command->op, timeout);
	if (command->count == 0) { /* an empty pipeline: no commands, no replies */
		sr_op_finish(&command->op, 0);
		return;
	}
	int rc = enqueue(command, &command->op.err);
	if (rc < 0)
		sr_op_finish(&command->op, rc);
	else
		sr_redis_send_later(command->redis);
}

/* ---- replies -------------------------------------------------------------------------------------- */

static void complete(struct sr_redis_op *command)
{
	int rc = 0;
	if (!command->pipeline && command->replies[0]->type == SR_REDIS_ERROR)
		rc = sr_redis_value_fail(command->replies[0], command->op.cls->name, &command->op.err);
	sr_op_finish(&command->op, rc);
}

void sr_redis_deliver(struct sr_redis *redis, struct sr_redis_value *value)
{
	if (redis->state == SR_REDIS_GREETING) {
		sr_redis_greeted(redis, value);
		return;
	}
	if (redis->first == redis->next) {
		struct sr_error err;
		sr_redis_value_free(value);
		sr_fail(&err, SR_EPROTO, "redis", "the server sent a reply to no command");
		sr_redis_break(redis, &err);
		return;
	}
	struct sr_redis_pending *pending = pending_at(redis, redis->first);
	struct sr_redis_op *command = pending->op;
	if (command)
		command->replies[command->replied++] = value;
	else
		sr_redis_value_free(value);
	if (--pending->left > 0)
		return;
	redis->first++;
	if (command)
		complete(command);
}
