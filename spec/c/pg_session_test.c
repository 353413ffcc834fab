/* Transactions, multi-statement texts and notices against a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pg_fixture.h"

static void commit_keeps_rollback_does_not(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);

	assert_int_equal(in_tx(fixture->pg, tx, "INSERT INTO t VALUES (1)", NULL), 0);
	assert_string_equal(value_of(fixture->other, "SELECT count(*) FROM t"), "0");
	assert_int_equal(end(tx, sr_pg_commit_new(tx)), 0);
	assert_false(sr_pg_tx_active(tx));
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->other, "SELECT count(*) FROM t"), "1");

	tx = begin(fixture->pg, plain);
	in_tx(fixture->pg, tx, "INSERT INTO t VALUES (2)", NULL);
	assert_int_equal(end(tx, sr_pg_rollback_new(tx)), 0);
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "1");
}

static void isolation_is_what_was_asked_for(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		struct sr_pg_tx_options options;
		const char *expected;
	} cases[] = {
	    {{.isolation = SR_PG_SERIALIZABLE}, "serializable off off"},
	    {{.isolation = SR_PG_SERIALIZABLE, .read_only = true, .deferrable = true}, "serializable on on"},
	    {{.isolation = SR_PG_REPEATABLE_READ}, "repeatable read off off"},
	    {{.isolation = SR_PG_READ_COMMITTED, .read_only = true}, "read committed on off"},
	    {{.isolation = SR_PG_READ_UNCOMMITTED}, "read uncommitted off off"},
	    {{0}, "read committed off off"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sr_pg_tx *tx = begin(fixture->pg, cases[i].options);
		char text[64];

		in_tx(fixture->pg, tx,
		      "SELECT current_setting('transaction_isolation') || ' ' || "
		      "current_setting('transaction_read_only') "
		      "|| ' ' || current_setting('transaction_deferrable')",
		      text);
		assert_string_equal(text, cases[i].expected);
		end(tx, sr_pg_rollback_new(tx));
		sr_pg_tx_free(tx);
	}
}

static void others_wait_for_the_end_of_a_transaction(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);
	struct sr_op *outside = sr_pg_query_new(fixture->pg, "SELECT count(*) FROM t", 0, NULL);
	char text[64];

	sr_pg_start(outside, NULL, 30 * SR_S);
	in_tx(fixture->pg, tx, "INSERT INTO t VALUES (1)", NULL);
	in_tx(fixture->pg, tx, "SELECT txid_current_if_assigned() IS NOT NULL", text);
	assert_string_equal(text, "t");
	assert_true(sr_op_running(outside));
	end(tx, sr_pg_rollback_new(tx));
	assert_int_equal(finish(outside), 0);
	assert_string_equal(PQgetvalue(sr_pg_result(outside), 0, 0), "0");
	sr_op_free(outside);
	sr_pg_tx_free(tx);
}

static void transactions_take_turns(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *first = begin(fixture->pg, plain), *second;
	struct sr_op *op = sr_pg_begin_new(fixture->pg, &plain, &second);

	sr_pg_start(op, NULL, 30 * SR_S);
	in_tx(fixture->pg, first, "INSERT INTO t VALUES (1)", NULL);
	assert_false(sr_pg_tx_active(second));
	assert_int_equal(in_tx(fixture->pg, second, "SELECT 1", NULL), -SR_ESTATE);
	end(first, sr_pg_commit_new(first));
	assert_int_equal(finish(op), 0);
	assert_true(sr_pg_tx_active(second));
	sr_op_free(op);
	end(second, sr_pg_commit_new(second));
	sr_pg_tx_free(first);
	sr_pg_tx_free(second);
}

static void a_freed_transaction_is_rolled_back(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);
	struct sr_op *late = sr_pg_query_new(fixture->pg, "SELECT pg_sleep(60)", 0, NULL);

	in_tx(fixture->pg, tx, "INSERT INTO t VALUES (1)", NULL);
	sr_pg_start(late, tx, 30 * SR_S);
	sr_op_cancel(late);
	sr_pg_tx_free(tx);
	assert_int_equal(finish(late), -SR_ECANCEL);
	sr_op_free(late);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
	assert_true(sr_pg_idle(fixture->pg));
}

static void a_failed_transaction_does_not_commit(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);
	struct sr_op *op;
	char text[64];

	in_tx(fixture->pg, tx, "INSERT INTO t VALUES (1)", NULL);
	in_tx(fixture->pg, tx, "SELECT 1/0", text);
	assert_string_equal(text, "22012");
	in_tx(fixture->pg, tx, "SELECT 1", text);
	assert_string_equal(text, "25P02");
	op = sr_pg_commit_new(tx);
	sr_pg_start(op, tx, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESTATE);
	assert_non_null(strstr(op->err.text, "rolled back"));
	sr_op_free(op);
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static void serialization_failures_are_reported(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *a, *b;
	struct sr_op *op;

	run(fixture->pg, "INSERT INTO t VALUES (1), (2)");
	a = begin(fixture->pg, (struct sr_pg_tx_options){.isolation = SR_PG_SERIALIZABLE});
	b = begin(fixture->other, (struct sr_pg_tx_options){.isolation = SR_PG_SERIALIZABLE});
	in_tx(fixture->pg, a, "SELECT sum(n) FROM t", NULL);
	in_tx(fixture->other, b, "SELECT sum(n) FROM t", NULL);
	in_tx(fixture->pg, a, "INSERT INTO t VALUES (10)", NULL);
	in_tx(fixture->other, b, "INSERT INTO t VALUES (20)", NULL);
	assert_int_equal(end(a, sr_pg_commit_new(a)), 0);
	op = sr_pg_commit_new(b);
	sr_pg_start(op, b, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESERVER);
	assert_string_equal(op->err.detail, "40001");
	sr_op_free(op);
	sr_pg_tx_free(a);
	sr_pg_tx_free(b);
	assert_string_equal(value_of(fixture->other, "SELECT count(*) FROM t"), "3");
}

static void a_begin_that_is_given_up_holds_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx, *waiting;
	struct sr_op *op = sr_pg_begin_new(fixture->pg, &plain, &tx);

	sr_pg_start(op, NULL, 30 * SR_S);
	value_of(fixture->other, "SELECT 1"); /* by now it is on its way, and perhaps answered */
	if (sr_op_running(op))
		sr_op_cancel(op);
	finish(op);
	sr_op_free(op);
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");

	tx = begin(fixture->pg, plain);
	op = sr_pg_begin_new(fixture->pg, &plain, &waiting);
	sr_pg_start(op, NULL, 20 * SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	sr_op_free(op);
	sr_pg_tx_free(waiting);
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");
}

static void a_begin_inside_a_block_begun_by_hand_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx;
	struct sr_op *op;

	run(fixture->pg, "BEGIN");
	op = sr_pg_begin_new(fixture->pg, &plain, &tx);
	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESTATE);
	sr_op_free(op);
	sr_pg_tx_free(tx);
	run(fixture->pg, "ROLLBACK");
}

static void closing_ends_the_transaction(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);
	struct sr_op *op = sr_pg_query_new(fixture->pg, "SELECT 1", 0, NULL);

	sr_pg_close(fixture->pg);
	assert_false(sr_pg_tx_active(tx));
	sr_pg_start(op, tx, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESTATE);
	sr_op_free(op);
	assert_int_equal(end(tx, sr_pg_commit_new(tx)), -SR_ESTATE);
	sr_pg_tx_free(tx);
}

/* ---- exec ---- */

static void exec_runs_all_or_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op =
	    sr_pg_exec_new(fixture->pg, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 'last'");

	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), 0);
	assert_string_equal(PQgetvalue(sr_pg_result(op), 0, 0), "last");
	sr_op_free(op);

	op = sr_pg_exec_new(fixture->pg, "INSERT INTO t VALUES (3); SELECT 1/0; INSERT INTO t VALUES (4)");
	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESERVER);
	assert_string_equal(op->err.detail, "22012");
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "2");
}

static void exec_and_queries_mix(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *ops[30];

	for (int i = 0; i < 30; i++) {
		ops[i] = i % 3 == 1 ? sr_pg_exec_new(fixture->pg, "SELECT 'e'")
				    : sr_pg_query_new(fixture->pg, "SELECT 'q'", 0, NULL);
		sr_pg_start(ops[i], NULL, 30 * SR_S);
	}
	for (int i = 0; i < 30; i++) {
		assert_int_equal(finish(ops[i]), 0);
		assert_string_equal(PQgetvalue(sr_pg_result(ops[i]), 0, 0), i % 3 == 1 ? "e" : "q");
		sr_op_free(ops[i]);
	}
}

static void exec_deadline_leaves_a_usable_connection(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op = sr_pg_exec_new(fixture->pg, "SELECT pg_sleep(60); SELECT pg_sleep(60)");

	sr_pg_start(op, NULL, 50 * SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");
}

/* ---- notices ---- */

static void notices_are_kept_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_notice notice;

	run(fixture->pg, "DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second'; END $$");
	assert_true(sr_pg_notice_take(fixture->pg, &notice)); /* of DROP TABLE IF EXISTS, the first time */
	while (strcmp(notice.text, "first") != 0)
		assert_true(sr_pg_notice_take(fixture->pg, &notice));
	assert_string_equal(notice.severity, "NOTICE");
	assert_true(sr_pg_notice_take(fixture->pg, &notice));
	assert_string_equal(notice.text, "second");
	assert_string_equal(notice.severity, "WARNING");
	assert_string_equal(notice.sqlstate, "01000");
	assert_false(sr_pg_notice_take(fixture->pg, &notice));
}

static void old_notices_make_room(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_notice notice;
	int count = 0;

	while (sr_pg_notice_take(fixture->pg, &notice))
		continue;
	run(fixture->pg, "DO $$ BEGIN FOR i IN 1..100 LOOP RAISE NOTICE '%', i; END LOOP; END $$");
	assert_int_equal(sr_pg_notices_lost(fixture->pg), 100 - SR_PG_NOTICES);
	while (sr_pg_notice_take(fixture->pg, &notice))
		count++;
	assert_int_equal(count, SR_PG_NOTICES);
	assert_string_equal(notice.text, "100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_connections(commit_keeps_rollback_does_not),
	    on_connections(isolation_is_what_was_asked_for),
	    on_connections(others_wait_for_the_end_of_a_transaction),
	    on_connections(transactions_take_turns),
	    on_connections(a_freed_transaction_is_rolled_back),
	    on_connections(a_failed_transaction_does_not_commit),
	    on_connections(serialization_failures_are_reported),
	    on_connections(a_begin_that_is_given_up_holds_nothing),
	    on_connections(a_begin_inside_a_block_begun_by_hand_is_refused),
	    on_connections(closing_ends_the_transaction),
	    on_connections(exec_runs_all_or_nothing),
	    on_connections(exec_and_queries_mix),
	    on_connections(exec_deadline_leaves_a_usable_connection),
	    on_connections(notices_are_kept_in_order),
	    on_connections(old_notices_make_room),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
