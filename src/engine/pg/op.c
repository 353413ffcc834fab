#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The struct, the pointers, then their bytes: one allocation. */
struct pg_op *sr_pg_op_new(struct sr_loop *loop, struct sr_pg *pg, const struct pg_kind *kind, const char *sql,
			   int nparams, const char *const *params)
{
	size_t length = strlen(sql), bytes = length + 1;
	struct pg_op *op;
	bool oversized = nparams < 0 || nparams > SR_PG_MAX_PARAMS;
	char *at;

	for (int i = 0; i < nparams && !oversized; i++) {
		bytes += params[i] ? strlen(params[i]) + 1 : 0;
		oversized = bytes > SR_PG_MAX_SQL;
	}
	if (oversized || bytes > SR_PG_MAX_SQL) {
		oversized = true;
		sql = "";
		length = 0;
		bytes = 1;
		nparams = 0;
	}
	op = malloc(sizeof *op + (size_t)nparams * sizeof *op->params + bytes);
	if (!op)
		return NULL;
	sr_op_init(&op->op, loop, &kind->cls);
	op->kind = kind;
	op->pg = pg;
	op->tx = NULL;
	op->copy = NULL;
	op->queue = NULL;
	op->prev = op->next = NULL;
	op->flight = NULL;
	op->result = NULL;
	op->length = length;
	op->nparams = nparams;
	op->oversized = oversized;
	at = (char *)&op->params[nparams];
	op->sql = memcpy(at, sql, length + 1);
	at += length + 1;
	for (int i = 0; i < nparams; i++) {
		size_t size = params[i] ? strlen(params[i]) + 1 : 0;

		op->params[i] = params[i] ? memcpy(at, params[i], size) : NULL;
		at += size;
	}
	return op;
}

void sr_pg_op_free(struct sr_op *base)
{
	struct pg_op *op = (struct pg_op *)base;

	if (op->tx)
		sr_pg_tx_forget_op(op);
	if (op->copy)
		sr_pg_copy_forget_op(op);
	PQclear(op->result);
	free(op);
}

const PGresult *sr_pg_result(const struct sr_op *op)
{
	return ((const struct pg_op *)op)->result;
}

static void push(struct pg_queue *queue, struct pg_op *op)
{
	op->queue = queue;
	op->prev = queue->tail;
	op->next = NULL;
	if (queue->tail)
		queue->tail->next = op;
	else
		queue->head = op;
	queue->tail = op;
}

static void unlink_op(struct pg_op *op)
{
	struct pg_queue *queue = op->queue;

	if (op->prev)
		op->prev->next = op->next;
	else
		queue->head = op->next;
	if (op->next)
		op->next->prev = op->prev;
	else
		queue->tail = op->prev;
	op->queue = NULL;
	op->prev = op->next = NULL;
}

void sr_pg_queue_pop(struct pg_queue *queue)
{
	unlink_op(queue->head);
}

void sr_pg_op_drop(struct sr_pg *pg, struct pg_op *op)
{
	unlink_op(op);
	if (op->kind->dropped)
		op->kind->dropped(pg, op);
}

void sr_pg_queue_fail(struct sr_pg *pg, struct pg_queue *queue, int code, const char *detail, const char *why)
{
	while (queue->head) {
		struct pg_op *op = queue->head;

		sr_pg_op_drop(pg, op);
		sr_op_fail(&op->op, code, "%s; the statement was not sent", why);
		sr_error_detail(&op->op.err, detail);
	}
}

void sr_pg_start(struct sr_op *base, struct sr_pg_tx *tx, int64_t timeout)
{
	struct pg_op *op = (struct pg_op *)base;
	struct sr_pg *pg = op->pg;

	sr_op_begin(base, timeout);
	if (tx && tx->state != PG_TX_ACTIVE) {
		sr_op_fail(base, SR_ESTATE, "the transaction %s",
			   tx->state == PG_TX_ENDED || tx->state == PG_TX_ENDING ? "has ended" : "has not begun");
	} else if (op->oversized) {
		sr_op_fail(base, SR_ELIMIT, "a statement has at most %d parameters and %u bytes", SR_PG_MAX_PARAMS,
			   SR_PG_MAX_SQL);
	} else if (pg->why.code) {
		sr_op_fail(base, pg->why.code, "%s", pg->why.text);
		sr_error_detail(&base->err, pg->why.detail);
	} else {
		push(tx ? &pg->inside : &pg->queue, op);
		if (op->kind->queued)
			op->kind->queued(op);
		sr_pg_schedule(pg);
		return;
	}
	if (op->tx || op->copy)
		op->kind->dropped(pg, op);
}

static void tell_unknown(struct sr_error *err)
{
	size_t length = strlen(err->text);

	snprintf(err->text + length, sizeof err->text - length, "; whether the statement took effect is unknown");
}

void sr_pg_op_cancel(struct sr_op *base, int code)
{
	struct pg_op *op = (struct pg_op *)base;
	struct pg_flight *flight = op->flight;
	struct sr_pg *pg = op->pg;

	if (op->queue) {
		sr_pg_op_drop(pg, op);
		sr_pg_schedule(pg);
	} else if (flight) {
		op->flight = NULL;
		flight->op = NULL;
		tell_unknown(&base->err);
		if (op->kind->abandoned)
			op->kind->abandoned(pg, op, flight);
		sr_pg_give_up(pg, flight);
	}
	sr_op_finish(base, -code);
}
