#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

struct sr_pg *sr_pg_new(struct sr_loop *loop, const struct sr_pg_options *options)
{
	struct sr_pg *pg = calloc(1, sizeof *pg);
	unsigned statements = options->statements ? options->statements : SR_PG_STATEMENTS;
	unsigned depth = options->depth ? options->depth : SR_PG_DEPTH;

	if (!pg)
		return NULL;
	pg->loop = loop;
	pg->depth = depth < SR_PG_MAX_DEPTH ? depth : SR_PG_MAX_DEPTH;
	pg->max_result = options->max_result ? options->max_result : SR_PG_MAX_RESULT;
	pg->pump = (struct sr_job){.fn = sr_pg_pump, .arg = pg};
	sr_timer_init(&pg->drain, loop, sr_pg_drain_timer, pg);
	pg->flights = calloc(pg->depth + 1, sizeof *pg->flights);
	if (!pg->flights || sr_pg_statements_init(&pg->statements, options->unprepared ? 0 : statements) < 0) {
		free(pg->flights);
		free(pg);
		return NULL;
	}
	return pg;
}

/* Bytes that wait in the kernel, as far as it says. */
static size_t unread(const struct sr_pg *pg)
{
	int bytes = 0;

	if (ioctl(PQsocket(pg->pq), FIONREAD, &bytes) < 0 || bytes < 0)
		return 0;
	return (size_t)bytes;
}

/* libpq collects a whole result in memory; what it does not tell is how much that is by now. So the bytes of
 * an answer that did not come in one read are counted from outside. */
static bool consume(struct sr_pg *pg)
{
	struct pg_flight *head = sr_pg_flight_head(pg);
	size_t before, after;

	if (!head || !head->partial)
		return PQconsumeInput(pg->pq);
	before = unread(pg);
	if (!PQconsumeInput(pg->pq))
		return false;
	after = unread(pg);
	head->received += before > after ? before - after : 0;
	return true;
}

static void drop_notifications(struct sr_pg *pg)
{
	PGnotify *notify;

	while ((notify = PQnotifies(pg->pq)))
		PQfreemem(notify);
}

static void ready(void *arg, int events)
{
	struct sr_pg *pg = arg;
	struct pg_flight *head;

	if (events & PG_READABLE) {
		bool alive = consume(pg);

		sr_pg_receive(pg); /* a server that closes may have said why */
		if (!pg->pq)
			return;
		if (!alive) {
			sr_pg_lost(pg);
			return;
		}
		drop_notifications(pg);
		head = sr_pg_flight_head(pg);
		if (head && head->received > pg->max_result) {
			sr_pg_break(pg, SR_ELIMIT, NULL,
				    "the connection was closed: a result has more than %zu bytes (max_result)",
				    pg->max_result);
			return;
		}
	}
	if (pg->unflushed && !sr_pg_flush(pg)) {
		sr_pg_lost(pg);
		return;
	}
	sr_pg_schedule(pg);
}

bool sr_pg_flush(struct sr_pg *pg)
{
	int rest = PQflush(pg->pq);

	if (rest < 0)
		return false;
	if (pg->unflushed != (rest > 0)) {
		pg->unflushed = rest > 0;
		if (sr_pg_watch_set(&pg->watch, pg->loop, PQsocket(pg->pq), PG_READABLE | (rest > 0 ? PG_WRITABLE : 0),
				    ready, pg) < 0)
			return false;
		if (!rest)
			sr_pg_copy_flushed(pg);
	}
	return true;
}

int sr_pg_opened(struct sr_pg *pg, struct sr_error *err)
{
	PQsetErrorVerbosity(pg->pq, PQERRORS_DEFAULT);
	PQsetNoticeReceiver(pg->pq, sr_pg_notice_receive, pg);
	if (PQsetnonblocking(pg->pq, 1) != 0 ||
	    sr_pg_watch_set(&pg->watch, pg->loop, PQsocket(pg->pq), PG_READABLE, ready, pg) < 0)
		return sr_fail(err, SR_EIO, "pg.connect", "cannot watch the connection's socket");
	return 0;
}

void sr_pg_changed(struct sr_pg *pg)
{
	if (pg->changed)
		pg->changed(pg->changed_arg);
}

void sr_pg_close(struct sr_pg *pg)
{
	sr_pg_break(pg, SR_ESTATE, NULL, "the connection is closed");
}

void sr_pg_free(struct sr_pg *pg)
{
	if (!pg)
		return;
	pg->changed = NULL;
	sr_pg_close(pg);
	sr_pg_statements_deinit(&pg->statements);
	sr_pg_notices_free(pg);
	free(pg->flights);
	free(pg);
}

int sr_pg_check(const struct sr_pg *pg, struct sr_error *err)
{
	if (!pg->why.code)
		return 0;
	*err = pg->why;
	return -pg->why.code;
}

bool sr_pg_idle(const struct sr_pg *pg)
{
	return pg->pq && !pg->nflights && !pg->queue.head && !pg->held && !pg->cancel;
}

PGTransactionStatusType sr_pg_transaction_status(const struct sr_pg *pg)
{
	return pg->pq ? PQtransactionStatus(pg->pq) : PQTRANS_UNKNOWN;
}

int sr_pg_backend_pid(const struct sr_pg *pg)
{
	return pg->pq ? PQbackendPID(pg->pq) : 0;
}

int sr_pg_server_version(const struct sr_pg *pg)
{
	return pg->pq ? PQserverVersion(pg->pq) : 0;
}

const char *sr_pg_parameter(const struct sr_pg *pg, const char *name)
{
	return pg->pq ? PQparameterStatus(pg->pq, name) : NULL;
}
