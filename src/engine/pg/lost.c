/* The end of a connection. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static const char *unknown = "; whether the statement took effect is unknown";

static void fail_flights(struct sr_pg *pg)
{
	while (pg->nflights) {
		struct pg_flight *flight = sr_pg_flight_head(pg);
		struct pg_op *op = flight->op;
		bool idle_copy = flight->copy && flight->copy->state == PG_COPY_OPEN;

		if (flight->copy)
			sr_pg_copy_end(flight->copy);
		sr_pg_flight_pop(pg);
		if (!op)
			continue;
		sr_op_fail(&op->op, pg->why.code, "%s%s", pg->why.text, idle_copy ? "" : unknown);
		sr_error_detail(&op->op.err, pg->why.detail);
	}
}

/* Ends everything that knew the connection; pg->why says the reason. */
static void end(struct sr_pg *pg)
{
	struct sr_pg_tx *tx = pg->tx;

	sr_pg_watch_close(&pg->watch);
	PQfinish(pg->pq);
	pg->pq = NULL;
	sr_pg_cancel_forget(pg);
	sr_timer_stop(&pg->drain);
	pg->drain_until = 0;
	sr_loop_forget(pg->loop, &pg->pump);
	fail_flights(pg);
	if (tx)
		sr_pg_tx_end(tx);
	pg->held = pg->rollback_due = pg->in_block = pg->unflushed = false;
	sr_pg_queue_fail(pg, &pg->inside, pg->why.code, pg->why.detail, pg->why.text);
	sr_pg_queue_fail(pg, &pg->queue, pg->why.code, pg->why.detail, pg->why.text);
	sr_pg_changed(pg);
}

void sr_pg_break(struct sr_pg *pg, int code, const char *detail, const char *fmt, ...)
{
	va_list ap;

	if (!pg->pq)
		return;
	va_start(ap, fmt);
	sr_vfail(&pg->why, code, "pg.connection", fmt, ap);
	va_end(ap);
	sr_error_detail(&pg->why, detail ? detail : "");
	end(pg);
}

/* A server that shuts down says so in an error that comes with a query, or between two. */
void sr_pg_lost(struct sr_pg *pg)
{
	struct pg_flight *head = sr_pg_flight_head(pg);
	const char *said = PQerrorMessage(pg->pq);
	char text[384];
	int code;

	if (head && head->result && sr_pg_is_fatal(head->result)) {
		struct sr_error err;

		sr_pg_error_result(&err, SR_ECLOSED, "pg.connection", head->result, pg->pq);
		sr_pg_break(pg, SR_ECLOSED, err.detail, "the server closed the connection: %s", err.text);
	} else if (pg->fatal[0]) {
		snprintf(text, sizeof text, "%s", pg->fatal);
		sr_pg_break(pg, SR_ECLOSED, pg->fatal_state, "the server closed the connection: %s", text);
	} else {
		if (head && head->result && PQresultStatus(head->result) == PGRES_FATAL_ERROR)
			said = PQresultErrorMessage(head->result);
		sr_pg_clean(text, sizeof text, said, pg->pq);
		code = sr_pg_error_code(said, PQstatus(pg->pq) == CONNECTION_BAD ? SR_ECLOSED : SR_EPROTO);
		sr_pg_break(pg, code, NULL, "the connection is lost: %s", text[0] ? text : "no reason given");
	}
}
