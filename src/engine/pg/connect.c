#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct connect_op {
	struct sr_op op;
	struct sr_pg *pg; /* until taken */
	char *dsn;
	size_t count; /* of both lists, without the NULLs */
	char **keywords, **values;
};

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void forget_options(struct connect_op *op)
{
	for (size_t i = 0; i < op->count; i++) {
		free(op->keywords[i]);
		wipe(op->values[i]);
	}
	free(op->keywords);
	free(op->values);
	wipe(op->dsn);
	op->keywords = op->values = NULL;
	op->dsn = NULL;
	op->count = 0;
}

/* Appends a pair; the lists have room. */
static bool add(struct connect_op *op, const char *keyword, const char *value)
{
	op->keywords[op->count] = strdup(keyword);
	op->values[op->count] = strdup(value);
	op->count++;
	return op->keywords[op->count - 1] && op->values[op->count - 1];
}

/* Later pairs win in libpq: our defaults, the DSN, the caller's. */
static bool copy_options(struct connect_op *op, const struct sr_pg_options *options)
{
	size_t given = 0;
	bool ok;

	while (options->keywords && options->keywords[given])
		given++;
	op->keywords = calloc(given + 4, sizeof *op->keywords);
	op->values = calloc(given + 4, sizeof *op->values);
	if (!op->keywords || !op->values)
		return false;
	ok = add(op, "client_encoding", "UTF8") && add(op, "fallback_application_name", "scalerun");
	if (ok && options->dsn) {
		op->dsn = strdup(options->dsn);
		ok = op->dsn && add(op, "dbname", options->dsn);
	}
	for (size_t i = 0; ok && i < given; i++)
		ok = add(op, options->keywords[i], options->values[i]);
	return ok;
}

/* A password with an unescaped @ or / ends up, in part, as host, port or database. Errors quote those, so such a
 * URI is not used at all. */
static bool is_readable(const char *dsn)
{
	PQconninfoOption *parsed = PQconninfoParse(dsn, NULL);
	bool uri = strstr(dsn, "://") != NULL, readable = parsed != NULL;

	for (PQconninfoOption *at = parsed; readable && uri && at->keyword; at++)
		if (at->val && strchr(at->val, '@') &&
		    (strcmp(at->keyword, "host") == 0 || strcmp(at->keyword, "port") == 0 ||
		     strcmp(at->keyword, "dbname") == 0))
			readable = false;
	PQconninfoFree(parsed);
	return readable;
}

static void hang_up(struct sr_pg *pg)
{
	sr_pg_watch_close(&pg->watch);
	PQfinish(pg->pq);
	pg->pq = NULL;
}

static void fail(struct connect_op *op, int rc)
{
	hang_up(op->pg);
	sr_op_finish(&op->op, rc);
}

static void advance(void *arg, int events)
{
	struct connect_op *op = arg;
	struct sr_pg *pg = op->pg;
	PostgresPollingStatusType next;
	int wanted, rc;

	(void)events;
	sr_pg_watch_pause(pg->watch); /* libpq may go on to the next address with another descriptor */
	next = PQconnectPoll(pg->pq);
	if (next == PGRES_POLLING_FAILED) {
		fail(op, sr_pg_error_connect(&op->op.err, pg->pq));
		return;
	}
	if (next == PGRES_POLLING_OK) {
		rc = sr_pg_opened(pg, &op->op.err);
		if (rc < 0)
			fail(op, rc);
		else
			sr_op_finish(&op->op, 0);
		return;
	}
	wanted = next == PGRES_POLLING_READING ? PG_READABLE : PG_WRITABLE;
	rc = sr_pg_watch_set(&pg->watch, pg->loop, PQsocket(pg->pq), wanted, advance, op);
	if (rc < 0)
		fail(op, sr_fail(&op->op.err, -rc, "pg.connect", "cannot watch the connection's socket"));
}

static void cancel_connect(struct sr_op *base, int code)
{
	struct connect_op *op = (struct connect_op *)base;

	if (op->pg->pq)
		hang_up(op->pg);
	sr_op_finish(base, -code);
}

static void free_connect(struct sr_op *base)
{
	struct connect_op *op = (struct connect_op *)base;

	sr_pg_free(op->pg);
	forget_options(op);
	free(op);
}

static const struct sr_op_class connect_class = {
    .name = "pg.connect",
    .cancel = cancel_connect,
    .free = free_connect,
};

struct sr_op *sr_pg_connect_new(struct sr_loop *loop, const struct sr_pg_options *options)
{
	struct connect_op *op = calloc(1, sizeof *op);

	if (!op)
		return NULL;
	sr_op_init(&op->op, loop, &connect_class);
	op->pg = sr_pg_new(loop, options);
	if (!op->pg || !copy_options(op, options)) {
		free_connect(&op->op);
		return NULL;
	}
	return &op->op;
}

void sr_pg_connect_start(struct sr_op *base, int64_t timeout)
{
	struct connect_op *op = (struct connect_op *)base;
	struct sr_pg *pg = op->pg;
	int rc;

	sr_op_begin(base, timeout);
	if (op->dsn && !is_readable(op->dsn)) {
		/* What libpq quotes from a DSN that it cannot read may be a piece of the password. */
		sr_op_fail(
		    base, SR_EINVAL,
		    "the DSN cannot be read; write postgresql://user@host:port/database or \"host=... dbname=...\", "
		    "and quote or percent-encode special characters");
		return;
	}
	pg->pq = PQconnectStartParams((const char *const *)op->keywords, (const char *const *)op->values, 1);
	if (!pg->pq) {
		sr_op_fail(base, SR_ENOMEM, "out of memory");
		return;
	}
	PQsetErrorVerbosity(pg->pq, PQERRORS_VERBOSE); /* sr_pg_error_connect looks for the SQLSTATE */
	if (PQstatus(pg->pq) == CONNECTION_BAD) {
		fail(op, sr_pg_error_connect(&base->err, pg->pq));
		return;
	}
	rc = sr_pg_watch_set(&pg->watch, pg->loop, PQsocket(pg->pq), PG_WRITABLE, advance, op);
	if (rc < 0)
		fail(op, sr_fail(&base->err, -rc, "pg.connect", "cannot watch the connection's socket"));
}

struct sr_pg *sr_pg_connect_take(struct sr_op *base)
{
	struct connect_op *op = (struct connect_op *)base;
	struct sr_pg *pg = op->pg;

	op->pg = NULL;
	return pg;
}
