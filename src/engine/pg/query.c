/* Queries in pipeline mode, each with a sync of its own. */
#include "internal.h"

#include <stdio.h>

bool sr_pg_send_unnamed(struct sr_pg *pg, const char *sql)
{
	return PQsendQueryParams(pg->pq, sql, 0, NULL, NULL, NULL, NULL, 0) && PQpipelineSync(pg->pq);
}

/* Takes the statement that goes first out of the full set, if one may go now: not within a transaction block,
 * where a DEALLOCATE that fails would take the user's work with it. */
static bool make_room(struct sr_pg *pg, bool *sent)
{
	struct pg_statement *victim = pg->held || pg->in_block ? NULL : sr_pg_statements_victim(&pg->statements);
	char name[PG_STATEMENT_NAME], sql[PG_STATEMENT_NAME + 16];

	if (!victim)
		return false;
	sr_pg_statement_name(victim->id, name);
	snprintf(sql, sizeof sql, "DEALLOCATE %s", name);
	sr_pg_statements_remove(&pg->statements, victim);
	sr_pg_flight_push_own(pg);
	*sent = sr_pg_send_unnamed(pg, sql);
	return true;
}

/* The prepared statement to use or to prepare, or NULL: the query goes without a name. So does one whose text
 * is being prepared in flight, because by name it would fail with a misleading error should that fail. */
static struct pg_statement *choose(struct sr_pg *pg, struct pg_op *op, bool *sent)
{
	struct pg_statements *set = &pg->statements;
	struct pg_statement *found;

	if (set->max == 0 || op->length > PG_STATEMENT_TEXT)
		return NULL;
	found = sr_pg_statements_find(set, op->sql, op->length);
	if (found)
		return found->parsed ? found : NULL;
	if (sr_pg_statements_full(set) && !make_room(pg, sent))
		return NULL;
	return sr_pg_statements_add(set, op->sql, op->length);
}

static bool send_query(struct sr_pg *pg, struct pg_op *op)
{
	bool sent = true;
	struct pg_statement *statement = choose(pg, op, &sent);
	struct pg_flight *flight = sr_pg_flight_push(pg, op);
	char name[PG_STATEMENT_NAME];

	if (!sent)
		return false;
	if (!statement)
		return PQsendQueryParams(pg->pq, op->sql, op->nparams, NULL, op->params, NULL, NULL, 0) &&
		       PQpipelineSync(pg->pq);
	sr_pg_statement_name(statement->id, name);
	flight->statement = statement->id;
	if (!statement->parsed) {
		flight->parses = true;
		flight->commands = 2;
		if (!PQsendPrepare(pg->pq, name, op->sql, 0, NULL))
			return false;
	}
	return PQsendQueryPrepared(pg->pq, name, op->nparams, op->params, NULL, NULL, 0) && PQpipelineSync(pg->pq);
}

static bool send_exec(struct sr_pg *pg, struct pg_op *op)
{
	sr_pg_flight_push(pg, op);
	return PQsendQuery(pg->pq, op->sql);
}

static const struct pg_kind query_kind = {
    .cls = {.name = "pg.query", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .send = send_query,
};

static const struct pg_kind exec_kind = {
    .cls = {.name = "pg.exec", .cancel = sr_pg_op_cancel, .free = sr_pg_op_free},
    .plain = true,
    .send = send_exec,
};

struct sr_op *sr_pg_query_new(struct sr_pg *pg, const char *sql, int nparams, const char *const *params)
{
	struct pg_op *op = sr_pg_op_new(pg->loop, pg, &query_kind, sql, nparams, params);

	return op ? &op->op : NULL;
}

struct sr_op *sr_pg_exec_new(struct sr_pg *pg, const char *sql)
{
	struct pg_op *op = sr_pg_op_new(pg->loop, pg, &exec_kind, sql, 0, NULL);

	return op ? &op->op : NULL;
}
