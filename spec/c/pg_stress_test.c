/* Statements of all kinds with deadlines that pass at every possible moment, seeded: every op ends once, the
 * connection is usable afterwards, and what was not committed is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "support/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 60
#define OPS    12

static uint64_t seed = 42;

static unsigned roll(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % sides;
}

static int64_t deadline(void)
{
	return roll(3) ? (int64_t)roll(4000) * SR_US : 30 * SR_S;
}

static struct sr_op *statement(struct sr_pg *pg)
{
	switch (roll(6)) {
	case 0:
		return sr_pg_exec_new(pg, "SELECT 1; SELECT pg_sleep(0.001); SELECT 2");
	case 1:
		return sr_pg_query_new(pg, "SELECT pg_sleep(0.002)", 0, NULL);
	case 2:
		return sr_pg_query_new(pg, "SELECT 1/0", 0, NULL);
	case 3:
		return sr_pg_query_new(pg, "SELECT repeat('x', 100000)", 0, NULL);
	case 4: {
		char sql[64];

		snprintf(sql, sizeof sql, "SELECT %u", roll(1000));
		return sr_pg_query_new(pg, sql, 0, NULL);
	}
	default:
		return sr_pg_query_new(pg, "SELECT 'often'", 0, NULL);
	}
}

static void statements(struct sr_pg *pg)
{
	struct sr_op *ops[OPS];

	for (int i = 0; i < OPS; i++) {
		ops[i] = statement(pg);
		sr_pg_start(ops[i], NULL, deadline());
	}
	for (int i = 0; i < OPS; i++) {
		finish(ops[i]);
		sr_op_free(ops[i]);
	}
}

/* Never commits. */
static void transaction(struct sr_pg *pg)
{
	struct sr_pg_tx_options options = {.isolation = (enum sr_pg_isolation)roll(5)};
	struct sr_pg_tx *tx;
	struct sr_op *op = sr_pg_begin_new(pg, &options, &tx);

	sr_pg_start(op, NULL, deadline());
	finish(op);
	sr_op_free(op);
	for (unsigned i = roll(4); i > 0; i--) {
		op = roll(2) ? statement(pg) : sr_pg_query_new(pg, "INSERT INTO stress VALUES (1)", 0, NULL);
		sr_pg_start(op, tx, deadline());
		if (roll(2))
			finish(op);
		else if (sr_op_running(op))
			sr_op_cancel(op);
		finish(op);
		sr_op_free(op);
	}
	if (roll(2)) {
		op = sr_pg_rollback_new(tx);
		sr_pg_start(op, tx, deadline());
		finish(op);
		sr_op_free(op);
	}
	sr_pg_tx_free(tx);
}

/* Never finishes. */
static void copy(struct sr_pg *pg)
{
	struct sr_pg_copy *pg_copy;
	struct sr_op *op = sr_pg_copy_new(pg, "COPY stress FROM STDIN", &pg_copy);

	sr_pg_start(op, NULL, deadline());
	finish(op);
	sr_op_free(op);
	for (unsigned i = roll(3); i > 0; i--) {
		op = sr_pg_copy_op_new(pg_copy);
		sr_pg_copy_feed_start(op, "1\n2\n", 4, deadline());
		if (roll(4) == 0 && sr_op_running(op))
			sr_op_cancel(op);
		finish(op);
		sr_op_free(op);
	}
	sr_pg_copy_free(pg_copy);
}

static void run_rounds(struct sr_loop *loop, unsigned depth)
{
	struct sr_pg_options options = {.dsn = postgres_dsn(""), .depth = depth, .statements = 8};
	struct sr_pg *pg = open_pg(loop, &options);

	for (int i = 0; i < ROUNDS; i++) {
		switch (roll(3)) {
		case 0:
			transaction(pg);
			break;
		case 1:
			copy(pg);
			break;
		default:
			statements(pg);
		}
		assert_string_equal(value_of(pg, "SELECT count(*) FROM stress"), "0");
		assert_true(sr_pg_idle(pg));
	}
	sr_pg_free(pg);
}

static void every_op_ends_and_nothing_stays(void **state)
{
	struct sr_loop *loop;
	struct sr_error err;
	struct sr_pg *pg;
	struct sr_op *op;

	(void)state;
	assert_int_equal(sr_loop_new(&loop, &err), 0);
	pg = open_pg(loop, NULL);
	assert_int_equal(run_query(pg, &op, "CREATE TABLE stress (n int)", NULL), 0);
	sr_op_free(op);
	sr_pg_free(pg);
	run_rounds(loop, 1);
	run_rounds(loop, 3);
	run_rounds(loop, 32);
	sr_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_op_ends_and_nothing_stays),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
