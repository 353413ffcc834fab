/* COPY FROM STDIN. The begin op travels like any plain op; its flight stays at the head until the copy has
 * ended, and the ops of the copy take turns in it. */
#include "internal.h"

#include <stdlib.h>

void sr_pg_copy_end(struct sr_pg_copy *copy)
{
	struct pg_flight *head = copy->pg ? sr_pg_flight_head(copy->pg) : NULL;

	if (head && head->copy == copy)
		head->copy = NULL;
	copy->pg = NULL;
	copy->state = PG_COPY_ENDED;
}

static void copy_dropped(struct sr_pg *pg, struct pg_op *op)
{
	(void)pg;
	if (!op->copy)
		return;
	op->copy->op = NULL;
	sr_pg_copy_end(op->copy);
	op->copy = NULL;
}

static bool copy_send(struct sr_pg *pg, struct pg_op *op)
{
	struct pg_flight *flight = sr_pg_flight_push(pg, op);

	flight->copy = op->copy;
	op->copy->state = PG_COPY_STARTING;
	return PQsendQuery(pg->pq, op->sql);
}

static bool fail_copy(struct sr_pg *pg, const char *why)
{
	return PQputCopyEnd(pg->pq, why) == 1 && sr_pg_flush(pg);
}

/* The copy ends unfinished, whoever owns it. A server that has refused a row says all it has to say at once: what it
 * said lies in libpq's buffer by now, and no further byte would tell that it is there. */
void sr_pg_copy_abort(struct sr_pg *pg, struct pg_flight *flight)
{
	bool open = flight->copy->state == PG_COPY_OPEN;

	sr_pg_copy_end(flight->copy);
	if (open && !fail_copy(pg, "cancelled by the client")) {
		sr_pg_lost(pg);
		return;
	}
	sr_pg_give_up(pg, flight);
	sr_pg_receive(pg);
}

static void copy_abandoned(struct sr_pg *pg, struct pg_op *op, struct pg_flight *flight)
{
	(void)pg;
	if (op->copy)
		op->copy->op = NULL;
	op->copy = NULL;
	if (flight->copy)
		sr_pg_copy_end(flight->copy);
}

static const struct pg_kind copy_kind = {
    .cls = {.name = "pg.copy", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .plain = true,
    .send = copy_send,
    .dropped = copy_dropped,
    .abandoned = copy_abandoned,
};

static void cancel_step(struct sr_op *base, int code)
{
	struct pg_op *op = (struct pg_op *)base;
	struct pg_flight *flight = op->flight;

	if (flight) {
		op->flight = NULL;
		flight->op = NULL;
		op->copy->op = NULL;
		sr_pg_copy_abort(op->pg, flight);
	}
	sr_op_finish(base, -code);
}

static const struct pg_kind step_kind = {
    .cls = {.name = "pg.copy", .cancel = cancel_step, .free = sr_pg_op_free},
};

static void detach(struct sr_pg_copy *copy)
{
	struct pg_op *op = copy->op;

	copy->op = NULL;
	if (!op)
		return;
	if (op->flight)
		op->flight->op = NULL;
	op->flight = NULL;
}

void sr_pg_copy_answered(struct sr_pg *pg, struct pg_flight *flight)
{
	struct pg_op *op = flight->op;

	if (!flight->copy) {
		if (!fail_copy(pg, flight->given_up ? "cancelled by the client"
						    : "the client sent COPY as a plain statement"))
			sr_pg_lost(pg);
		return;
	}
	flight->copy->state = PG_COPY_OPEN;
	detach(flight->copy);
	op->copy = NULL;
	sr_op_finish(&op->op, 0);
}

void sr_pg_copy_flushed(struct sr_pg *pg)
{
	struct pg_flight *head = sr_pg_flight_head(pg);
	struct pg_op *op = head ? head->op : NULL;

	if (!op || !head->copy || head->copy->state != PG_COPY_OPEN)
		return;
	detach(head->copy);
	sr_op_finish(&op->op, 0);
}

/* An answer other than COPY_IN to the text that should begin one. */
int sr_pg_copy_landed(struct sr_pg *pg, struct pg_flight *flight, int rc, struct sr_error *err)
{
	bool opened = flight->copy->state == PG_COPY_FINISHING;

	(void)pg;
	detach(flight->copy);
	sr_pg_copy_end(flight->copy);
	if (rc == 0 && !opened)
		return sr_fail(err, SR_EINVAL, "pg.copy", "the statement is not a COPY ... FROM STDIN");
	return rc;
}

void sr_pg_copy_forget_op(struct pg_op *op)
{
	if (op->copy->op == op)
		op->copy->op = NULL;
}

struct sr_op *sr_pg_copy_new(struct sr_pg *pg, const char *sql, struct sr_pg_copy **out)
{
	struct sr_pg_copy *copy = calloc(1, sizeof *copy);
	struct pg_op *op = copy ? sr_pg_op_new(pg->loop, pg, &copy_kind, sql, 0, NULL) : NULL;

	*out = NULL;
	if (!op) {
		free(copy);
		return NULL;
	}
	*copy = (struct sr_pg_copy){.loop = pg->loop, .pg = pg, .op = op};
	op->copy = copy;
	*out = copy;
	return &op->op;
}

struct sr_op *sr_pg_copy_op_new(struct sr_pg_copy *copy)
{
	struct pg_op *op = sr_pg_op_new(copy->loop, copy->pg, &step_kind, "", 0, NULL);

	if (!op)
		return NULL;
	op->copy = copy;
	return &op->op;
}

/* The op becomes the copy's, in the flight; false: it failed. */
static bool step(struct pg_op *op, int64_t timeout)
{
	struct sr_pg_copy *copy = op->copy;

	sr_op_begin(&op->op, timeout);
	if (copy->state != PG_COPY_OPEN || copy->op) {
		sr_op_fail(&op->op, SR_ESTATE, "the copy %s",
			   copy->op ? "is still taking the data before"
			   : copy->state == PG_COPY_ENDED || copy->state == PG_COPY_FINISHING ? "has ended"
											      : "has not begun");
		return false;
	}
	copy->op = op;
	op->flight = sr_pg_flight_head(op->pg);
	op->flight->op = op;
	return true;
}

void sr_pg_copy_feed_start(struct sr_op *base, const void *data, size_t len, int64_t timeout)
{
	struct pg_op *op = (struct pg_op *)base;
	struct sr_pg *pg = op->pg;

	if (!step(op, timeout))
		return;
	if (len > SR_PG_MAX_SQL) {
		detach(op->copy);
		sr_op_fail(base, SR_ELIMIT, "a piece of a copy has at most %u bytes", SR_PG_MAX_SQL);
	} else if (PQputCopyData(pg->pq, data, (int)len) != 1 || !sr_pg_flush(pg)) {
		sr_pg_lost(pg);
	} else if (!pg->unflushed && op->flight) {
		detach(op->copy);
		sr_op_finish(base, 0);
	}
}

void sr_pg_copy_finish_start(struct sr_op *base, int64_t timeout)
{
	struct pg_op *op = (struct pg_op *)base;

	if (!step(op, timeout))
		return;
	op->copy->state = PG_COPY_FINISHING;
	if (PQputCopyEnd(op->pg->pq, NULL) != 1 || !sr_pg_flush(op->pg))
		sr_pg_lost(op->pg);
	else
		sr_pg_receive(op->pg);
}

void sr_pg_copy_free(struct sr_pg_copy *copy)
{
	struct sr_pg *pg;
	struct pg_op *op;
	struct pg_flight *flight;

	if (!copy)
		return;
	pg = copy->pg;
	op = copy->op;
	if (op)
		op->copy = NULL;
	if (op && op->queue) {
		sr_pg_op_drop(pg, op);
		sr_op_fail(&op->op, SR_ESTATE, "the copy was closed before it began");
	} else if (pg && copy->state == PG_COPY_OPEN) {
		flight = sr_pg_flight_head(pg);
		if (op) {
			detach(copy);
			sr_op_fail(&op->op, SR_ESTATE, "the copy was closed");
		}
		sr_pg_copy_abort(pg, flight);
	} else {
		sr_pg_copy_end(copy);
	}
	free(copy);
}
