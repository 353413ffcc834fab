/* The socket: out at the end of a turn, in as it comes. */
#include "private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK        65536
#define READS_A_TURN 16 /* then others on the loop have their turn */
#define KEEP_BUFFER  (1u << 20)

static void break_with(struct sr_redis *redis, int code, const char *text)
{
	char place[300];
	struct sr_error err;
	sr_fail(&err, code, "redis", "%s (%s)", text, sr_redis_place(redis, place, sizeof(place)));
	sr_redis_break(redis, &err);
}

static void break_errno(struct sr_redis *redis, int errnum)
{
	char place[300];
	struct sr_error err;
	sr_fail_errno(&err, errnum == ECONNRESET || errnum == EPIPE ? SR_ECLOSED : SR_EIO, errnum, "redis",
		      "the connection to %s was lost", sr_redis_place(redis, place, sizeof(place)));
	sr_redis_break(redis, &err);
}

/* ---- sending -------------------------------------------------------------------------------------- */

void sr_redis_flush(struct sr_redis *redis)
{
	while (redis->sent < redis->out.len) {
		ssize_t n =
		    send(redis->socket->fd, redis->out.data + redis->sent, redis->out.len - redis->sent, MSG_NOSIGNAL);
		if (n >= 0) {
			redis->sent += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			break_errno(redis, errno);
			return;
		}
		if (redis->sent > KEEP_BUFFER) {
			sr_buf_consume(&redis->out, redis->sent);
			redis->sent = 0;
		}
		sr_redis_want(redis, UV_READABLE | UV_WRITABLE);
		return;
	}
	redis->sent = 0;
	if (redis->out.cap > KEEP_BUFFER)
		sr_buf_deinit(&redis->out);
	else
		sr_buf_clear(&redis->out);
	sr_redis_want(redis, UV_READABLE);
}

void sr_redis_send_later(struct sr_redis *redis)
{
	/* With the socket full, the next writable event sends. */
	if (redis->socket->events == UV_READABLE)
		sr_loop_at_turn_end(redis->loop, &redis->flush_job);
}

/* ---- receiving ------------------------------------------------------------------------------------ */

static void break_parser(struct sr_redis *redis)
{
	redisReader *reader = redis->reader;
	char text[200];
	if (redis->budget.passed) {
		snprintf(text, sizeof(text), "a reply is larger than %zu bytes", redis->budget.max);
		break_with(redis, SR_ELIMIT, text);
	} else if (reader->err == REDIS_ERR_OOM) {
		break_with(redis, SR_ENOMEM, "no memory for a reply");
	} else {
		snprintf(text, sizeof(text), "the server does not speak the Redis protocol: %s", reader->errstr);
		break_with(redis, SR_EPROTO, text);
	}
}

static void parse(struct sr_redis *redis)
{
	while (redis->state != SR_REDIS_BROKEN) {
		void *value = NULL;
		if (redisReaderGetReply(redis->reader, &value) != REDIS_OK) {
			break_parser(redis);
			return;
		}
		if (!value) {
			/* What is here is the beginning of one reply. */
			redis->budget.passed = redis->reader->len - redis->reader->pos > redis->budget.max;
			if (redis->budget.passed)
				break_parser(redis);
			return;
		}
		redis->budget.used = 0;
		sr_redis_deliver(redis, value);
	}
}

static void receive(struct sr_redis *redis)
{
	char chunk[CHUNK];
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = recv(redis->socket->fd, chunk, sizeof(chunk), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			break_errno(redis, errno);
			return;
		}
		if (n == 0) {
			break_with(redis, SR_ECLOSED, "the server closed the connection");
			return;
		}
		if (redisReaderFeed(redis->reader, chunk, (size_t)n) != REDIS_OK) {
			break_parser(redis);
			return;
		}
		parse(redis);
		if (redis->state == SR_REDIS_BROKEN || n < (ssize_t)sizeof(chunk))
			return;
	}
}

/* ---- the watch ------------------------------------------------------------------------------------ */

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sr_redis *redis = poll->data;
	if (redis->state == SR_REDIS_DIALLING) {
		sr_redis_dial_ready(redis, status);
		return;
	}
	/* recv knows the reason of a failed poll, and what came before it. */
	if (status < 0 || (events & UV_READABLE))
		receive(redis);
	if (redis->state == SR_REDIS_BROKEN)
		return;
	if (status < 0)
		break_errno(redis, -status);
	else if (events & UV_WRITABLE)
		sr_redis_flush(redis);
}

int sr_redis_watch(struct sr_redis *redis, int fd, int events, struct sr_error *err)
{
	struct sr_redis_socket *watch = calloc(1, sizeof(*watch));
	int rc = watch ? uv_poll_init(sr_loop_uv(redis->loop), &watch->poll, fd) : UV_ENOMEM;
	if (rc < 0) {
		free(watch);
		close(fd);
		return sr_fail_errno(err, SR_EIO, -rc, "redis.connect", "cannot watch a socket");
	}
	watch->fd = fd;
	watch->redis = redis;
	watch->poll.data = redis;
	redis->socket = watch;
	redis->handles++;
	sr_redis_want(redis, events);
	return 0;
}

void sr_redis_want(struct sr_redis *redis, int events)
{
	struct sr_redis_socket *watch = redis->socket;
	if (watch->events == events)
		return;
	watch->events = events;
	uv_poll_start(&watch->poll, events, on_poll);
}

static void on_socket_gone(uv_handle_t *handle)
{
	struct sr_redis_socket *watch = (struct sr_redis_socket *)handle;
	struct sr_redis *redis = watch->redis;
	free(watch);
	redis->handles--;
	sr_redis_release_when_done(redis);
}

void sr_redis_drop_socket(struct sr_redis *redis)
{
	struct sr_redis_socket *watch = redis->socket;
	if (!watch)
		return;
	redis->socket = NULL;
	uv_close((uv_handle_t *)&watch->poll, on_socket_gone);
	close(watch->fd);
}
