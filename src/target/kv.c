#include "kv.h"

#include "pool.h"
#include "text.h"
#include "url.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SR_KV_TIMEOUT (250 * SR_MS) /* connect and answer */
#define SR_KV_PAUSE   SR_S

struct address {
	char *memory; /* the strings below point into it */
	const char *path;
	const char *host;
	int port;
	const char *user;
	const char *password;
	const char *db;
};

struct sr_kv {
	struct address address;
	struct sr_pool *pool;
	atomic_llong closed_until; /* sr_now() before which _command does not try */
};

static int decode(char *text, struct sr_error *err)
{
	const char *problem;

	if (sr_url_decode(text, strlen(text), false, &problem) == 0)
		return 0;
	return sr_fail(err, SR_EINVAL, "kv.new", "--redis: %s", problem);
}

static int parse_credentials(struct address *address, char *text, struct sr_error *err)
{
	char *colon = strchr(text, ':');

	if (colon) {
		*colon = '\0';
		address->password = colon + 1;
		if (*text)
			address->user = text;
	} else {
		address->password = text;
	}
	if (address->user && decode(text, err))
		return -SR_EINVAL;
	return decode(colon ? colon + 1 : text, err);
}

static int parse_tcp(struct address *address, char *text, struct sr_error *err)
{
	char *at = strrchr(text, '@');
	char *slash, *colon;
	int64_t n;

	if (at) {
		*at = '\0';
		if (parse_credentials(address, text, err))
			return -SR_EINVAL;
		text = at + 1;
	}
	slash = strchr(text, '/');
	if (slash) {
		*slash = '\0';
		if (slash[1] && !sr_text_to_int(slash + 1, 0, 100000, &n))
			return sr_fail(err, SR_EINVAL, "kv.new", "--redis: the database after / is not a number");
		address->db = slash[1] ? slash + 1 : NULL;
	}
	address->port = 6379;
	colon = strrchr(text, ':');
	if (colon) {
		*colon = '\0';
		if (!sr_text_to_int(colon + 1, 1, 65535, &n))
			return sr_fail(err, SR_EINVAL, "kv.new", "--redis: the port is not a number from 1 to 65535");
		address->port = (int)n;
	}
	if (!*text)
		return sr_fail(err, SR_EINVAL, "kv.new", "--redis: names no host");
	address->host = text;
	return 0;
}

static int parse(struct address *address, const char *url, struct sr_error *err)
{
	address->memory = strdup(url);
	if (!address->memory)
		return sr_fail(err, SR_ENOMEM, "kv.new", "out of memory");
	if (strncasecmp(url, "unix://", 7) == 0 && url[7] == '/') {
		address->path = address->memory + 7;
		return 0;
	}
	if (strncasecmp(url, "redis://", 8) == 0)
		return parse_tcp(address, address->memory + 8, err);
	return sr_fail(err, SR_EINVAL, "kv.new", "--redis: takes redis://HOST:PORT or unix:///PATH");
}

static int failed(const redisContext *context, struct sr_error *err)
{
	int code = context->err == REDIS_ERR_EOF ? SR_ECLOSED : SR_ECONNECT;

	/* hiredis reports a socket's timeout as the errno of its read */
	if (context->err == REDIS_ERR_IO && errno == EAGAIN)
		return sr_fail(err, SR_ETIMEOUT, "kv.command", "Redis: no answer in time");
	return sr_fail(err, code, "kv.command", "Redis: %s", context->errstr);
}

static int call(redisContext *context, int argc, const char **argv, redisReply **out, struct sr_error *err)
{
	redisReply *reply = redisCommandArgv(context, argc, argv, NULL);
	char word[24] = "";

	*out = NULL;
	if (!reply)
		return failed(context, err);
	if (reply->type != REDIS_REPLY_ERROR) {
		*out = reply;
		return 0;
	}
	sscanf(reply->str, "%23s", word);
	sr_fail(err, SR_ESERVER, "kv.command", "Redis: %s", reply->str);
	sr_error_detail(err, word);
	freeReplyObject(reply);
	return -SR_ESERVER;
}

static int greet(redisContext *context, const struct address *address, struct sr_error *err)
{
	const char *auth[] = {"AUTH", address->user, address->password};
	const char *plain[] = {"AUTH", address->password};
	const char *select[] = {"SELECT", address->db};
	redisReply *reply;
	int rc = 0;

	if (address->password) {
		rc = address->user ? call(context, 3, auth, &reply, err) : call(context, 2, plain, &reply, err);
		if (!rc)
			freeReplyObject(reply);
	}
	if (!rc && address->db) {
		rc = call(context, 2, select, &reply, err);
		if (!rc)
			freeReplyObject(reply);
	}
	return rc == -SR_ESERVER ? sr_fail(err, SR_ECONNECT, "kv.open", "Redis refused the login or the database") : rc;
}

static int kv_open(void *arg, void **conn, struct sr_error *err)
{
	struct sr_kv *kv = arg;
	const struct address *address = &kv->address;
	struct timeval timeout = {.tv_usec = SR_KV_TIMEOUT / SR_US};
	redisContext *context = address->path ? redisConnectUnixWithTimeout(address->path, timeout)
					      : redisConnectWithTimeout(address->host, address->port, timeout);
	int rc;

	if (!context)
		return sr_fail(err, SR_ENOMEM, "kv.open", "out of memory");
	if (context->err) {
		rc = failed(context, err);
	} else {
		redisSetTimeout(context, timeout);
		rc = greet(context, address, err);
	}
	if (rc) {
		redisFree(context);
		return rc;
	}
	*conn = context;
	return 0;
}

static void kv_close(void *conn)
{
	redisFree(conn);
}

static bool kv_alive(void *conn)
{
	return sr_pool_socket_quiet(((redisContext *)conn)->fd);
}

static const struct sr_pool_ops ops = {.open = kv_open, .close = kv_close, .alive = kv_alive};

int sr_kv_new(const char *url, struct sr_kv **out, struct sr_error *err)
{
	struct sr_pool_options options = {.size = 8, .overflow = 0, .timeout = 2 * SR_KV_TIMEOUT};
	struct sr_kv *kv = calloc(1, sizeof(*kv));
	int rc = kv ? parse(&kv->address, url, err) : sr_fail(err, SR_ENOMEM, "kv.new", "out of memory");

	if (!rc) {
		kv->pool = sr_pool_new(&ops, kv, &options);
		rc = kv->pool ? 0 : sr_fail(err, SR_ENOMEM, "kv.new", "out of memory");
	}
	if (rc) {
		sr_kv_free(kv);
		return rc;
	}
	*out = kv;
	return 0;
}

void sr_kv_free(struct sr_kv *kv)
{
	if (!kv)
		return;
	sr_pool_free(kv->pool);
	free(kv->address.memory);
	free(kv);
}

static int command(struct sr_kv *kv, int argc, const char **argv, redisReply **reply, struct sr_error *err)
{
	void *conn;
	int rc = sr_pool_get(kv->pool, &conn, err);

	if (rc)
		return rc;
	rc = call(conn, argc, argv, reply, err);
	sr_pool_put(kv->pool, conn, rc && rc != -SR_ESERVER);
	if (!rc)
		atomic_store(&kv->closed_until, 0);
	return rc;
}

int sr_kv_command(struct sr_kv *kv, int argc, const char **argv, redisReply **reply, struct sr_error *err)
{
	int rc;

	*reply = NULL;
	if (sr_now() < atomic_load(&kv->closed_until))
		return sr_fail(err, SR_ECONNECT, "kv.command", "Redis failed a moment ago");
	rc = command(kv, argc, argv, reply, err);
	if (rc && rc != -SR_ESERVER)
		atomic_store(&kv->closed_until, sr_now() + SR_KV_PAUSE);
	return rc;
}

int sr_kv_ping(struct sr_kv *kv, struct sr_error *err)
{
	const char *argv[] = {"PING"};
	redisReply *reply;
	int rc = command(kv, 1, argv, &reply, err);

	if (!rc)
		freeReplyObject(reply);
	return rc;
}
