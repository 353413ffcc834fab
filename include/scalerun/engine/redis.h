/* Redis connections (RESP2) on an event loop.
 *
 * Many tasks share one connection: their commands leave together at the end of a loop turn and replies
 * are matched to them in order. Nothing is ever sent twice and a lost connection stays lost: connect a
 * new one. All of it is for the loop's own thread. */
#ifndef SCALERUN_ENGINE_REDIS_H
#define SCALERUN_ENGINE_REDIS_H

#include "scalerun/base/buf.h"
#include "scalerun/loop/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SR_REDIS_REPLY_MAX   (256u << 20) /* bytes, by default */
#define SR_REDIS_SEND_MAX    (256u << 20) /* bytes waiting to be sent */
#define SR_REDIS_PENDING_MAX 65536        /* ops waiting for replies */

/* ---- where ---------------------------------------------------------------------------------------- */

struct sr_redis_address {
	char host[256]; /* name or IP address; "" where path is set */
	int port;
	char path[108]; /* a unix socket, or "" */
	char user[128]; /* "": the default user */
	char password[512];
	int database;
};

/* Parses redis://[[user]:password@]host[:port][/database] or unix://[[user]:password@]/path[?db=N], percent
 * escapes in user and password. 0, -SR_EINVAL, or -SR_ENOTSUP for rediss://. */
int sr_redis_url_parse(const char *url, struct sr_redis_address *address, struct sr_error *err);

/* ---- replies -------------------------------------------------------------------------------------- */

enum sr_redis_type {
	SR_REDIS_STRING,
	SR_REDIS_STATUS,
	SR_REDIS_ERROR,
	SR_REDIS_INTEGER,
	SR_REDIS_NIL,
	SR_REDIS_ARRAY,
};

struct sr_redis_value {
	enum sr_redis_type type;
	int64_t integer;
	size_t len;                    /* bytes of STRING, STATUS, ERROR; items of ARRAY */
	struct sr_redis_value **items; /* ARRAY */
	char bytes[];                  /* with a 0 behind len bytes */
};

/* Describes an error reply in *err, with its prefix ("WRONGTYPE") as detail. Returns -SR_ESERVER. */
int sr_redis_value_fail(const struct sr_redis_value *value, const char *op, struct sr_error *err);

/* ---- connections ---------------------------------------------------------------------------------- */

struct sr_redis;

/* 0 or -SR_ENOMEM. reply_max: bytes of one reply, 0 for the default; a larger one breaks the connection with
 * SR_ELIMIT. The address is copied. Release with sr_redis_close. */
int sr_redis_new(struct sr_redis **redis, struct sr_loop *loop, const struct sr_redis_address *address,
		 size_t reply_max, struct sr_error *err);

/* Connects, authenticates, selects the database and asks for a PING: done with 0, the server answers commands.
 * Once per connection. SR_EDNS, SR_ECONNECT, SR_ESERVER (detail NOAUTH, WRONGPASS, LOADING…) and the like. An
 * op ended early breaks the connection. NULL: no memory. */
struct sr_op *sr_redis_connect_new(struct sr_redis *redis);
void sr_redis_connect_start(struct sr_op *op, int64_t timeout);

/* Whether commands can be sent. */
bool sr_redis_is_open(const struct sr_redis *redis);

/* One or more commands sent in a row. At its deadline the op fails and its replies are dropped when they come, so
 * that the connection stays in order; the server may or may not have run the commands. */
struct sr_redis_op {
	struct sr_op op;
	struct sr_redis *redis;
	bool pipeline;  /* error replies are values; else one command whose error reply fails the op with
			 * SR_ESERVER and its prefix ("WRONGTYPE") as detail */
	size_t count;   /* commands */
	size_t replied; /* replies there are */
	struct sr_redis_value **replies; /* count of them when the op succeeded; freed with the op */
	struct sr_redis_value *single;
	struct sr_buf bytes;
	uint64_t sequence;
};

/* NULL: no memory. */
struct sr_redis_op *sr_redis_op_new(struct sr_redis *redis, bool pipeline);

/* Adds a command: argc >= 1 arguments with their lengths, any bytes. 0, -SR_ENOTSUP for a command that would
 * break the order of replies (SUBSCRIBE, MONITOR, HELLO 3…), -SR_ELIMIT, -SR_ENOMEM. */
int sr_redis_op_add(struct sr_redis_op *op, int argc, const char **argv, const size_t *lens, struct sr_error *err);

/* Fails (through the op) with SR_ESTATE where the connection is not open, and says why. */
void sr_redis_op_start(struct sr_redis_op *op, int64_t timeout);

/* Ops that wait for replies on this connection. */
size_t sr_redis_pending(const struct sr_redis *redis);

/* Closes: ops under way fail with SR_ECLOSED. closed(arg) (may be NULL) is called from the loop, never
 * inside this call, when nothing is left of it; then the memory is gone. */
void sr_redis_close(struct sr_redis *redis, void (*closed)(void *arg), void *arg);

#endif
