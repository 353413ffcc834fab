/* What may be sent, and what has arrived. */
#include "internal.h"

struct pg_flight *sr_pg_flight_head(struct sr_pg *pg)
{
	return pg->nflights ? &pg->flights[pg->first] : NULL;
}

struct pg_flight *sr_pg_flight_push(struct sr_pg *pg, struct pg_op *op)
{
	struct pg_flight *flight = &pg->flights[(pg->first + pg->nflights++) % (pg->depth + 1)];

	*flight = (struct pg_flight){.op = op, .commands = 1};
	if (op) {
		op->flight = flight;
		flight->plain = op->kind->plain;
		flight->effect = op->kind->effect;
	}
	return flight;
}

struct pg_flight *sr_pg_flight_push_own(struct sr_pg *pg)
{
	struct pg_flight *flight = sr_pg_flight_push(pg, NULL);

	flight->own = true;
	pg->own++;
	return flight;
}

void sr_pg_flight_pop(struct sr_pg *pg)
{
	struct pg_flight *flight = sr_pg_flight_head(pg);

	PQclear(flight->result);
	if (flight->given_up)
		pg->given_up--;
	if (flight->own)
		pg->own--;
	if (flight->op)
		flight->op->flight = NULL;
	pg->first = (pg->first + 1) % (pg->depth + 1);
	pg->nflights--;
}

void sr_pg_schedule(struct sr_pg *pg)
{
	if (pg->pq)
		sr_loop_at_turn_end(pg->loop, &pg->pump);
}

static bool may_send(struct sr_pg *pg, const struct pg_op *op)
{
	const struct pg_flight *head = sr_pg_flight_head(pg);

	return !head || (!op->kind->plain && !head->plain && pg->nflights < pg->depth);
}

/* A plain op needs libpq out of pipeline mode, the others in it; a local matter. */
static bool switch_mode(struct sr_pg *pg, const struct pg_op *op)
{
	bool pipelined = PQpipelineStatus(pg->pq) != PQ_PIPELINE_OFF;

	if (op->kind->plain != pipelined)
		return true;
	return pipelined ? PQexitPipelineMode(pg->pq) : PQenterPipelineMode(pg->pq);
}

void sr_pg_pump(void *arg)
{
	struct sr_pg *pg = arg;

	while (pg->pq && !pg->unflushed && !sr_pg_draining(pg)) {
		struct pg_queue *queue = pg->held ? &pg->inside : &pg->queue;
		struct pg_op *op = queue->head;

		if (!op || !may_send(pg, op))
			break;
		if (op->kind->effect == PG_BEGINS && pg->in_block) {
			sr_pg_op_drop(pg, op);
			sr_op_fail(&op->op, SR_ESTATE, "a transaction block that was begun by a query is still open");
			continue;
		}
		sr_pg_queue_pop(queue);
		if (!switch_mode(pg, op) || !op->kind->send(pg, op) || !sr_pg_flush(pg)) {
			sr_pg_lost(pg);
			return;
		}
	}
}

static bool is_copy(ExecStatusType status)
{
	return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/* Keeps the first error, else the last result. An error without an SQLSTATE is libpq's own: it could not make
 * sense of the bytes, and may have lost its place in them. */
static void keep(struct sr_pg *pg, struct pg_flight *flight, PGresult *result)
{
	if (flight->result && PQresultStatus(flight->result) == PGRES_FATAL_ERROR) {
		PQclear(result);
		return;
	}
	PQclear(flight->result);
	flight->result = result;
	flight->failed_at = flight->ended;
	if (PQresultStatus(result) == PGRES_FATAL_ERROR && !PQresultErrorField(result, PG_DIAG_SQLSTATE))
		sr_pg_lost(pg);
}

static void take_pipelined(struct sr_pg *pg, struct pg_flight *flight, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (!result) {
		if (++flight->ended > flight->commands)
			sr_pg_lost(pg);
	} else if (status == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		sr_pg_land(pg);
	} else if (status == PGRES_PIPELINE_ABORTED) {
		PQclear(result);
	} else if (is_copy(status)) {
		PQclear(result);
		sr_pg_break(pg, SR_ENOTSUP, NULL,
			    "the connection was closed: COPY cannot be sent as a query, use copy");
	} else {
		keep(pg, flight, result);
	}
}

static void take_plain(struct sr_pg *pg, struct pg_flight *flight, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (!result) {
		sr_pg_land(pg);
	} else if (status == PGRES_COPY_IN) {
		PQclear(result);
		sr_pg_copy_answered(pg, flight);
	} else if (is_copy(status)) {
		PQclear(result);
		sr_pg_break(pg, SR_ENOTSUP, NULL, "the connection was closed: COPY TO STDOUT is not supported");
	} else {
		keep(pg, flight, result);
	}
}

void sr_pg_receive(struct sr_pg *pg)
{
	struct pg_flight *flight;

	while (pg->pq && (flight = sr_pg_flight_head(pg))) {
		PGresult *result;

		if (flight->copy && flight->copy->state == PG_COPY_OPEN)
			return; /* libpq would say COPY_IN again and again */
		if (PQisBusy(pg->pq)) {
			flight->partial = true;
			return;
		}
		result = PQgetResult(pg->pq);
		if (flight->plain)
			take_plain(pg, flight, result);
		else
			take_pipelined(pg, flight, result);
		if (pg->pq && PQstatus(pg->pq) == CONNECTION_BAD) {
			sr_pg_lost(pg);
			return;
		}
	}
}
