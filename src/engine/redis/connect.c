/* From a name to a connection that answers PING. */
#include "private.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OP "redis.connect"

static void dial_next(struct sr_redis *redis);

/* ---- greeting: AUTH, SELECT, PING ----------------------------------------------------------------- */

static int greet(struct sr_redis *redis, struct sr_error *err, int argc, ...)
{
	const char *argv[3];
	size_t lens[3];
	va_list ap;
	va_start(ap, argc);
	for (int i = 0; i < argc; i++) {
		argv[i] = va_arg(ap, const char *);
		lens[i] = strlen(argv[i]);
	}
	va_end(ap);
	redis->greetings_left++;
	return sr_redis_command_format(&redis->out, argc, argv, lens, err);
}

static void start_greeting(struct sr_redis *redis)
{
	const struct sr_redis_address *address = &redis->address;
	struct sr_error err;
	char database[16];
	int rc = 0;
	redis->state = SR_REDIS_GREETING;
	sr_redis_want(redis, UV_READABLE);
	if (address->user[0])
		rc = greet(redis, &err, 3, "AUTH", address->user, address->password);
	else if (address->password[0])
		rc = greet(redis, &err, 2, "AUTH", address->password);
	snprintf(database, sizeof(database), "%d", address->database);
	if (rc == 0 && address->database > 0)
		rc = greet(redis, &err, 2, "SELECT", database);
	if (rc == 0)
		rc = greet(redis, &err, 1, "PING");
	if (rc < 0)
		sr_redis_break(redis, &err);
	else
		sr_redis_send_later(redis);
}

void sr_redis_greeted(struct sr_redis *redis, struct sr_redis_value *value)
{
	if (value->type == SR_REDIS_ERROR) {
		struct sr_error err;
		sr_redis_value_fail(value, OP, &err);
		sr_redis_value_free(value);
		sr_redis_break(redis, &err);
		return;
	}
	sr_redis_value_free(value);
	if (--redis->greetings_left > 0)
		return;
	struct sr_op *op = redis->connect;
	redis->connect = NULL;
	redis->state = SR_REDIS_OPEN;
	sr_op_finish(op, 0);
}

/* ---- dialling ------------------------------------------------------------------------------------- */

static void note_failure(struct sr_redis *redis, int errnum)
{
	char place[300];
	sr_fail_errno(&redis->dial_failure, SR_ECONNECT, errnum, OP, "cannot connect to %s",
		      sr_redis_place(redis, place, sizeof(place)));
}

/* True: connected or on its way. */
static bool dial(struct sr_redis *redis, const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		note_failure(redis, errno);
		return false;
	}
	int one = 1;
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bool connected = connect(fd, address, len) == 0;
	/* A unix socket whose backlog is full says EAGAIN and cannot be waited for. */
	if (!connected && errno != EINPROGRESS) {
		note_failure(redis, errno);
		close(fd);
		return false;
	}
	/* Also when connected: the answer must not come inside the start. */
	return sr_redis_watch(redis, fd, UV_WRITABLE, &redis->dial_failure) == 0;
}

void sr_redis_dial_ready(struct sr_redis *redis, int status)
{
	int errnum = 0;
	socklen_t len = sizeof(errnum);
	if (getsockopt(redis->socket->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0)
		errnum = errno;
	if (errnum == 0)
		errnum = -status;
	if (errnum == 0) {
		start_greeting(redis);
		return;
	}
	note_failure(redis, errnum);
	sr_redis_drop_socket(redis);
	dial_next(redis);
}

static void dial_next(struct sr_redis *redis)
{
	while (redis->next_address) {
		struct addrinfo *address = redis->next_address;
		redis->next_address = address->ai_next;
		if (dial(redis, address->ai_addr, address->ai_addrlen))
			return;
	}
	struct sr_error failure = redis->dial_failure;
	sr_redis_break(redis, &failure);
}

static void dial_unix(struct sr_redis *redis)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, redis->address.path, sizeof(address.sun_path));
	redis->state = SR_REDIS_DIALLING;
	if (!dial(redis, (const struct sockaddr *)&address, sizeof(address)))
		dial_next(redis);
}

static void resolved(struct sr_redis *redis, struct addrinfo *addresses)
{
	redis->addresses = addresses;
	redis->next_address = addresses;
	redis->state = SR_REDIS_DIALLING;
	dial_next(redis);
}

static void break_unresolved(struct sr_redis *redis, const char *why)
{
	struct sr_error err;
	sr_fail(&err, SR_EDNS, OP, "cannot find the address of '%s': %s", redis->address.host, why);
	sr_redis_break(redis, &err);
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *addresses)
{
	struct sr_redis *redis = req->data;
	redis->resolving = false;
	if (redis->state != SR_REDIS_RESOLVING) {
		uv_freeaddrinfo(addresses);
		sr_redis_release_when_done(redis);
	} else if (status < 0) {
		break_unresolved(redis, uv_strerror(status));
	} else {
		resolved(redis, addresses);
	}
}

static void resolve(struct sr_redis *redis)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *addresses = NULL;
	char port[16];
	snprintf(port, sizeof(port), "%d", redis->address.port);
	/* A numeric address needs no resolver, and so no other thread. */
	if (getaddrinfo(redis->address.host, port, &hints, &addresses) == 0) {
		resolved(redis, addresses);
		return;
	}
	hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
	redis->state = SR_REDIS_RESOLVING;
	redis->resolver.data = redis;
	int rc =
	    uv_getaddrinfo(sr_loop_uv(redis->loop), &redis->resolver, on_resolved, redis->address.host, port, &hints);
	if (rc < 0)
		break_unresolved(redis, uv_strerror(rc));
	else
		redis->resolving = true;
}

/* ---- the op --------------------------------------------------------------------------------------- */

struct connect_op {
	struct sr_op op;
	struct sr_redis *redis;
};

static void cancel_connect(struct sr_op *op, int code)
{
	struct sr_redis *redis = ((struct connect_op *)op)->redis;
	(void)code;
	struct sr_error failure = op->err;
	sr_redis_break(redis, &failure);
}

static void free_connect(struct sr_op *op)
{
	free(op);
}

static const struct sr_op_class connect_class = {.name = OP, .cancel = cancel_connect, .free = free_connect};

struct sr_op *sr_redis_connect_new(struct sr_redis *redis)
{
	struct connect_op *op = malloc(sizeof(*op));
	if (!op)
		return NULL;
	sr_op_init(&op->op, redis->loop, &connect_class);
	op->redis = redis;
	return &op->op;
}

void sr_redis_connect_start(struct sr_op *op, int64_t timeout)
{
	struct sr_redis *redis = ((struct connect_op *)op)->redis;
	sr_op_begin(op, timeout);
	if (redis->state != SR_REDIS_NEW) {
		sr_op_fail(op, SR_ESTATE, "a connection is connected only once");
		return;
	}
	redis->connect = op;
	if (redis->address.path[0])
		dial_unix(redis);
	else
		resolve(redis);
}
