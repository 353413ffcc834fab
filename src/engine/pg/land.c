/* What the complete answer to the head flight means. */
#include "internal.h"

#include <string.h>

/* 26000: the server has no such statement, somebody ran DISCARD or DEALLOCATE. 0A000: its result type changed.
 * Either stays so; the next use prepares the text anew, under a new name. */
static void settle_statement(struct sr_pg *pg, const struct pg_flight *flight, bool ok)
{
	struct pg_statement *statement;
	const char *sqlstate;

	if (!flight->statement)
		return;
	statement = sr_pg_statements_get(&pg->statements, flight->statement);
	if (!statement)
		return;
	if (flight->parses && !ok && flight->failed_at == 0) {
		sr_pg_statements_remove(&pg->statements, statement);
		return;
	}
	statement->parsed = true;
	sqlstate = ok ? NULL : PQresultErrorField(flight->result, PG_DIAG_SQLSTATE);
	if (sqlstate && strcmp(sqlstate, "26000") == 0)
		sr_pg_statements_remove(&pg->statements, statement);
	else if (sqlstate && strcmp(sqlstate, "0A000") == 0)
		statement->stale = true;
}

static int judge(struct sr_pg *pg, const struct pg_flight *flight, const char *op, struct sr_error *err)
{
	ExecStatusType status = flight->result ? PQresultStatus(flight->result) : PGRES_EMPTY_QUERY;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
		return sr_pg_error_result(err, status == PGRES_BAD_RESPONSE ? SR_EPROTO : SR_ESERVER, op,
					  flight->result, pg->pq);
	if (flight->result && PQresultMemorySize(flight->result) > pg->max_result)
		return sr_fail(err, SR_ELIMIT, op, "the result has more than %zu bytes (max_result)", pg->max_result);
	return 0;
}

void sr_pg_land(struct sr_pg *pg)
{
	struct pg_flight *flight = sr_pg_flight_head(pg);
	struct pg_op *op = flight->op;
	enum pg_effect effect = flight->effect;
	PGresult *result = flight->result;
	struct sr_error err;
	int rc;

	err.code = 0;
	rc = judge(pg, flight, op ? op->kind->cls.name : "", &err);
	settle_statement(pg, flight, rc != -SR_ESERVER);
	if (flight->copy)
		rc = sr_pg_copy_landed(pg, flight, rc, &err);
	flight->result = NULL;
	sr_pg_flight_pop(pg);
	if (!pg->nflights)
		pg->in_block = PQtransactionStatus(pg->pq) != PQTRANS_IDLE;
	if (effect != PG_NO_EFFECT)
		rc = sr_pg_tx_landed(pg, effect, result, rc, &err);
	if (op && rc == 0) {
		op->result = result;
		sr_op_finish(&op->op, 0);
	} else {
		PQclear(result);
		if (op) {
			op->op.err = err;
			sr_op_finish(&op->op, rc);
		}
	}
	sr_pg_drain(pg);
	if (sr_pg_idle(pg))
		sr_pg_changed(pg);
}
