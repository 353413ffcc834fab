#include "internal.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

struct connect_op {
	struct sr_op op;
	struct sr_pg *pg; /* until taken */
	struct pg_options options;
};

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
	sr_pg_options_deinit(&op->options);
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
	if (!op->pg || !sr_pg_options_copy(&op->options, options)) {
		free_connect(&op->op);
		return NULL;
	}
	return &op->op;
}

/* Later pairs win in libpq: our defaults, the DSN, the caller's. */
static PGconn *start(const struct sr_pg_options *options)
{
	size_t given = 0, count = 0;
	const char **keywords, **values;
	PGconn *pq = NULL;

	while (options->keywords[given])
		given++;
	keywords = calloc(given + 4, sizeof *keywords);
	values = calloc(given + 4, sizeof *values);
	if (keywords && values) {
		keywords[count] = "client_encoding";
		values[count++] = "UTF8";
		keywords[count] = "fallback_application_name";
		values[count++] = "scalerun";
		keywords[count] = "dbname";
		values[count] = options->dsn;
		count += options->dsn != NULL;
		memcpy(keywords + count, options->keywords, (given + 1) * sizeof *keywords);
		memcpy(values + count, options->values, (given + 1) * sizeof *values);
		pq = PQconnectStartParams(keywords, values, 1);
	}
	free(keywords);
	free(values);
	return pq;
}

void sr_pg_connect_start(struct sr_op *base, int64_t timeout)
{
	struct connect_op *op = (struct connect_op *)base;
	struct sr_pg *pg = op->pg;
	int rc;

	sr_op_begin(base, timeout);
	if (op->options.dsn && !is_readable(op->options.dsn)) {
		/* What libpq quotes from a DSN that it cannot read may be a piece of the password. */
		sr_op_fail(base, SR_EINVAL,
			   "the DSN cannot be read; write postgresql://user@host:port/database or \"host=... "
			   "dbname=...\", and quote or percent-encode special characters");
		return;
	}
	pg->pq = start(&op->options.all);
	sr_pg_options_deinit(&op->options);
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
