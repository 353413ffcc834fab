/* What the files of engine/redis share. */
#ifndef SCALERUN_ENGINE_REDIS_PRIVATE_H
#define SCALERUN_ENGINE_REDIS_PRIVATE_H

#include "scalerun/engine/redis.h"

#include <hiredis/hiredis.h>
#include <uv.h>

/* ---- replies -------------------------------------------------------------------------------------- */

/* Counts what one reply has cost so far. */
struct sr_redis_budget {
	size_t used;
	size_t max;
	bool passed; /* the maximum */
};

extern redisReplyObjectFunctions sr_redis_value_functions;

void sr_redis_value_free(struct sr_redis_value *value);

/* ---- commands ------------------------------------------------------------------------------------- */

int sr_redis_command_check(int argc, const char **argv, const size_t *lens, struct sr_error *err);

/* Appends one formatted command. */
int sr_redis_command_format(struct sr_buf *buf, int argc, const char **argv, const size_t *lens, struct sr_error *err);

/* ---- the connection ------------------------------------------------------------------------------- */

enum sr_redis_state {
	SR_REDIS_NEW,
	SR_REDIS_RESOLVING,
	SR_REDIS_DIALLING,
	SR_REDIS_GREETING,
	SR_REDIS_OPEN,
	SR_REDIS_BROKEN
};

/* The watch on one socket; outlives the socket until libuv lets go of it. */
struct sr_redis_socket {
	uv_poll_t poll;
	struct sr_redis *redis; /* whose handles count it is in */
	int fd;
	int events;
};

struct sr_redis_pending {
	struct sr_redis_op *op; /* NULL: ended early, its replies are dropped */
	size_t left;            /* replies still to come */
};

struct sr_redis {
	struct sr_loop *loop;
	struct sr_redis_address address;
	enum sr_redis_state state;
	struct sr_error failure; /* BROKEN: why */

	/* dialling */
	struct sr_op *connect;
	uv_getaddrinfo_t resolver;
	bool resolving; /* the resolver holds a request of ours */
	struct addrinfo *addresses;
	struct addrinfo *next_address;
	struct sr_error dial_failure; /* of the last address tried */
	int greetings_left;

	struct sr_redis_socket *socket;
	unsigned handles; /* sockets that libuv still holds */

	/* sending */
	struct sr_buf out;
	size_t sent; /* bytes of out already sent */
	struct sr_job flush_job;

	/* receiving */
	redisReader *reader;
	struct sr_redis_budget budget;
	struct sr_redis_pending *ring; /* a power of two of places */
	size_t ring_size;
	uint64_t first; /* sequence numbers: first waits for the next reply, */
	uint64_t next;  /* next is for the next op */

	bool closing;
	struct sr_job closed_job;
	void (*closed)(void *arg);
	void *closed_arg;
};

/* "127.0.0.1:6379" or the socket's path, for messages. */
const char *sr_redis_place(const struct sr_redis *redis, char *out, size_t size);

/* Breaks the connection: fails the connect op and all that wait for replies, with *failure. */
void sr_redis_break(struct sr_redis *redis, const struct sr_error *failure);
void sr_redis_drop_socket(struct sr_redis *redis);
void sr_redis_release_when_done(struct sr_redis *redis);

/* io.c. _watch starts with a connected or connecting socket. */
int sr_redis_watch(struct sr_redis *redis, int fd, int events, struct sr_error *err);
void sr_redis_want(struct sr_redis *redis, int events);
void sr_redis_flush(struct sr_redis *redis);
void sr_redis_send_later(struct sr_redis *redis);

/* connect.c. _dial_ready: the socket is connected or has failed; status is the poll's. */
void sr_redis_dial_ready(struct sr_redis *redis, int status);
void sr_redis_greeted(struct sr_redis *redis, struct sr_redis_value *value);

/* redis.c: a reply has come; owns value. */
void sr_redis_deliver(struct sr_redis *redis, struct sr_redis_value *value);

#endif
