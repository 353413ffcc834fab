#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sr_pg_tx_end(struct sr_pg_tx *tx)
{
	if (tx->pg && tx->pg->tx == tx)
		tx->pg->tx = NULL;
	tx->pg = NULL;
	tx->state = PG_TX_ENDED;
}

/* Its owner has no more use for it: rolled back as soon as nothing of it is in flight. */
static void orphan(struct sr_pg *pg)
{
	if (!pg->tx)
		return;
	sr_pg_tx_end(pg->tx);
	pg->rollback_due = true;
}

static void begin_dropped(struct sr_pg *pg, struct pg_op *op)
{
	(void)pg;
	if (!op->tx)
		return;
	op->tx->begin = NULL;
	sr_pg_tx_end(op->tx);
	op->tx = NULL;
}

static bool begin_send(struct sr_pg *pg, struct pg_op *op)
{
	op->tx->begin = NULL;
	op->tx->state = PG_TX_BEGINNING;
	pg->tx = op->tx;
	pg->held = true;
	op->tx = NULL;
	sr_pg_flight_push(pg, op);
	return sr_pg_send_unnamed(pg, op->sql);
}

static void begin_abandoned(struct sr_pg *pg, struct pg_op *op, struct pg_flight *flight)
{
	(void)op;
	(void)flight;
	orphan(pg);
}

static const struct pg_kind begin_kind = {
    .cls = {.name = "pg.begin", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .effect = PG_BEGINS,
    .send = begin_send,
    .dropped = begin_dropped,
    .abandoned = begin_abandoned,
};

static void end_queued(struct pg_op *op)
{
	op->pg->tx->state = PG_TX_ENDING;
}

static bool end_send(struct sr_pg *pg, struct pg_op *op)
{
	sr_pg_flight_push(pg, op);
	return sr_pg_send_unnamed(pg, op->sql);
}

static void end_dropped(struct sr_pg *pg, struct pg_op *op)
{
	(void)op;
	if (!pg || !pg->pq || !pg->tx || pg->tx->state != PG_TX_ENDING)
		return;
	orphan(pg);
	sr_pg_drain(pg);
}

/* Its landing says whether the transaction is still open. */
static void end_abandoned(struct sr_pg *pg, struct pg_op *op, struct pg_flight *flight)
{
	(void)op;
	(void)flight;
	if (pg->tx)
		sr_pg_tx_end(pg->tx);
}

static const struct pg_kind commit_kind = {
    .cls = {.name = "pg.commit", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .effect = PG_COMMITS,
    .queued = end_queued,
    .send = end_send,
    .dropped = end_dropped,
    .abandoned = end_abandoned,
};

static const struct pg_kind rollback_kind = {
    .cls = {.name = "pg.rollback", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .effect = PG_ROLLS_BACK,
    .queued = end_queued,
    .send = end_send,
    .dropped = end_dropped,
    .abandoned = end_abandoned,
};

static int began(struct sr_pg *pg, int rc)
{
	if (rc == 0 && pg->tx) {
		pg->tx->state = PG_TX_ACTIVE;
	} else if (rc == 0) {
		pg->rollback_due = true;
	} else {
		if (pg->tx)
			sr_pg_tx_end(pg->tx);
		pg->held = pg->rollback_due = false;
	}
	return rc;
}

int sr_pg_tx_landed(struct sr_pg *pg, enum pg_effect effect, const PGresult *result, int rc, struct sr_error *err)
{
	if (effect == PG_BEGINS)
		return began(pg, rc);
	if (pg->tx)
		sr_pg_tx_end(pg->tx);
	pg->held = pg->rollback_due = pg->in_block;
	if (effect == PG_COMMITS && rc == 0 && strcmp(PQcmdStatus((PGresult *)result), "ROLLBACK") == 0)
		return sr_fail(err, SR_ESTATE, "pg.commit",
			       "the transaction was rolled back, because one of its statements had failed");
	return rc;
}

void sr_pg_tx_forget_op(struct pg_op *op)
{
	op->tx->begin = NULL;
}

struct sr_op *sr_pg_begin_new(struct sr_pg *pg, const struct sr_pg_tx_options *options, struct sr_pg_tx **out)
{
	static const char *const isolation[] = {
	    [SR_PG_DEFAULT_ISOLATION] = "",
	    [SR_PG_READ_UNCOMMITTED] = " ISOLATION LEVEL READ UNCOMMITTED",
	    [SR_PG_READ_COMMITTED] = " ISOLATION LEVEL READ COMMITTED",
	    [SR_PG_REPEATABLE_READ] = " ISOLATION LEVEL REPEATABLE READ",
	    [SR_PG_SERIALIZABLE] = " ISOLATION LEVEL SERIALIZABLE",
	};
	struct sr_pg_tx *tx = calloc(1, sizeof *tx);
	char sql[96];
	struct pg_op *op;

	snprintf(sql, sizeof sql, "BEGIN%s%s%s", isolation[options->isolation], options->read_only ? " READ ONLY" : "",
		 options->deferrable ? " DEFERRABLE" : "");
	op = tx ? sr_pg_op_new(pg->loop, pg, &begin_kind, sql, 0, NULL) : NULL;
	*out = NULL;
	if (!op) {
		free(tx);
		return NULL;
	}
	*tx = (struct sr_pg_tx){.loop = pg->loop, .pg = pg, .begin = op};
	op->tx = tx;
	*out = tx;
	return &op->op;
}

struct sr_op *sr_pg_commit_new(struct sr_pg_tx *tx)
{
	struct pg_op *op = sr_pg_op_new(tx->loop, tx->pg, &commit_kind, "COMMIT", 0, NULL);

	return op ? &op->op : NULL;
}

struct sr_op *sr_pg_rollback_new(struct sr_pg_tx *tx)
{
	struct pg_op *op = sr_pg_op_new(tx->loop, tx->pg, &rollback_kind, "ROLLBACK", 0, NULL);

	return op ? &op->op : NULL;
}

bool sr_pg_tx_active(const struct sr_pg_tx *tx)
{
	return tx->state == PG_TX_ACTIVE;
}

void sr_pg_tx_free(struct sr_pg_tx *tx)
{
	struct sr_pg *pg;
	struct pg_op *begin;

	if (!tx)
		return;
	pg = tx->pg;
	begin = tx->begin;
	if (begin) {
		begin->tx = NULL;
		if (begin->queue) {
			sr_pg_op_drop(pg, begin);
			sr_op_fail(&begin->op, SR_ESTATE, "the transaction was closed before it began");
		}
	} else if (pg && tx->state == PG_TX_ENDING && !pg->inside.head) {
		sr_pg_tx_end(tx); /* COMMIT or ROLLBACK is in flight */
		sr_pg_drain(pg);
	} else if (pg) {
		orphan(pg);
		sr_pg_queue_fail(pg, &pg->inside, SR_ESTATE, "", "the transaction was closed");
		sr_pg_drain(pg);
	}
	free(tx);
}
