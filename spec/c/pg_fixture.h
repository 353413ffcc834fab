/* What the tests of sessions share: two connections to a private PostgreSQL with an empty table t, and transactions.
 * After cmocka.h. */
#ifndef SPEC_PG_FIXTURE_H
#define SPEC_PG_FIXTURE_H

#include "scalerun/base/clock.h"
#include "support/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct sr_loop *loop;
	struct sr_pg *pg, *other;
};

static inline void run(struct sr_pg *pg, const char *sql)
{
	struct sr_op *op = sr_pg_exec_new(pg, sql);

	sr_pg_start(op, NULL, 30 * SR_S);
	if (finish(op) < 0)
		fail_msg("%s: %s", sql, op->err.text);
	sr_op_free(op);
}

static inline int open_connections(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct sr_error err;

	*state = fixture;
	if (sr_loop_new(&fixture->loop, &err) < 0)
		return -1;
	fixture->pg = open_pg(fixture->loop, NULL);
	fixture->other = open_pg(fixture->loop, NULL);
	run(fixture->pg, "DROP TABLE IF EXISTS t; CREATE TABLE t (n int PRIMARY KEY, s text)");
	return 0;
}

static inline int close_connections(void **state)
{
	struct fixture *fixture = *state;

	sr_pg_free(fixture->pg);
	sr_pg_free(fixture->other);
	sr_loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static inline struct sr_pg_tx *begin(struct sr_pg *pg, struct sr_pg_tx_options options)
{
	struct sr_pg_tx *tx;
	struct sr_op *op = sr_pg_begin_new(pg, &options, &tx);

	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	assert_true(sr_pg_tx_active(tx));
	return tx;
}

static inline int in_tx(struct sr_pg *pg, struct sr_pg_tx *tx, const char *sql, char out[64])
{
	struct sr_op *op = sr_pg_query_new(pg, sql, 0, NULL);
	int rc;

	sr_pg_start(op, tx, 30 * SR_S);
	rc = finish(op);
	if (out && rc == 0)
		snprintf(out, 64, "%s", PQgetvalue(sr_pg_result(op), 0, 0));
	if (out && rc < 0)
		snprintf(out, 64, "%s", op->err.detail);
	sr_op_free(op);
	return rc;
}

static inline int end(struct sr_pg_tx *tx, struct sr_op *op)
{
	int rc;

	sr_pg_start(op, tx, 30 * SR_S);
	rc = finish(op);
	sr_op_free(op);
	return rc;
}

static const struct sr_pg_tx_options plain = {0};

#define on_connections(test) cmocka_unit_test_setup_teardown(test, open_connections, close_connections)

#endif
