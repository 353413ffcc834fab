/* Transactions, multi-statement texts, COPY and notices against a real server. */
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

struct fixture {
	struct sr_loop *loop;
	struct sr_pg *pg, *other;
};

static void run(struct sr_pg *pg, const char *sql)
{
	struct sr_op *op = sr_pg_exec_new(pg, sql);

	sr_pg_start(op, NULL, 30 * SR_S);
	if (finish(op) < 0)
		fail_msg("%s: %s", sql, op->err.text);
	sr_op_free(op);
}

static int open_connections(void **state)
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

static int close_connections(void **state)
{
	struct fixture *fixture = *state;

	sr_pg_free(fixture->pg);
	sr_pg_free(fixture->other);
	sr_loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static struct sr_pg_tx *begin(struct sr_pg *pg, struct sr_pg_tx_options options)
{
	struct sr_pg_tx *tx;
	struct sr_op *op = sr_pg_begin_new(pg, &options, &tx);

	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	assert_true(sr_pg_tx_active(tx));
	return tx;
}

static int in_tx(struct sr_pg *pg, struct sr_pg_tx *tx, const char *sql, char out[64])
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

static int end(struct sr_pg_tx *tx, struct sr_op *op)
{
	int rc;

	sr_pg_start(op, tx, 30 * SR_S);
	rc = finish(op);
	sr_op_free(op);
	return rc;
}

static const struct sr_pg_tx_options plain = {0};

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

/* ---- COPY ---- */

static struct sr_pg_copy *open_copy(struct sr_pg *pg)
{
	struct sr_pg_copy *copy;
	struct sr_op *op = sr_pg_copy_new(pg, "COPY t FROM STDIN", &copy);

	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	return copy;
}

static int feed(struct sr_pg_copy *copy, const char *text)
{
	struct sr_op *op = sr_pg_copy_op_new(copy);
	int rc;

	sr_pg_copy_feed_start(op, text, strlen(text), 30 * SR_S);
	rc = finish(op);
	sr_op_free(op);
	return rc;
}

static struct sr_op *close_copy(struct sr_pg_copy *copy)
{
	struct sr_op *op = sr_pg_copy_op_new(copy);

	sr_pg_copy_finish_start(op, 30 * SR_S);
	finish(op);
	return op;
}

static void copy_loads_rows(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_copy *copy = open_copy(fixture->pg);
	struct sr_op *op;
	char piece[64];

	for (int i = 0; i < 2000; i++) {
		snprintf(piece, sizeof piece, "%d\trow %d\n", i, i);
		assert_int_equal(feed(copy, piece), 0);
	}
	op = close_copy(copy);
	assert_int_equal(op->status, 0);
	assert_string_equal(PQcmdTuples((PGresult *)sr_pg_result(op)), "2000");
	sr_op_free(op);
	sr_pg_copy_free(copy);
	assert_string_equal(value_of(fixture->pg, "SELECT sum(n) FROM t"), "1999000");
}

static void copy_waits_for_a_slow_server(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_copy *copy = open_copy(fixture->pg);
	struct sr_op *op;
	size_t size = 8u << 20;
	char *text = malloc(size);
	char number[16];

	for (int i = 0; i < 4; i++) {
		memset(text, 'x', size - 1);
		text[size - 1] = '\0';
		snprintf(number, sizeof number, "%d\t", i);
		memcpy(text, number, strlen(number));
		text[size - 2] = '\n';
		assert_int_equal(feed(copy, text), 0);
	}
	op = close_copy(copy);
	assert_int_equal(op->status, 0);
	sr_op_free(op);
	sr_pg_copy_free(copy);
	free(text);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "4");
}

static void copy_error_shows_at_the_end(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_copy *copy = open_copy(fixture->pg);
	struct sr_op *op;

	feed(copy, "1\tone\n");
	feed(copy, "two\ttwo\n");
	op = close_copy(copy);
	assert_int_equal(op->status, -SR_ESERVER);
	assert_string_equal(op->err.detail, "22P02");
	sr_op_free(op);
	assert_int_equal(feed(copy, "3\tthree\n"), -SR_ESTATE);
	sr_pg_copy_free(copy);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

/* The server refuses a row and says all it has to say while no op of the copy runs. */
static struct sr_pg_copy *refused_copy(struct fixture *fixture)
{
	struct sr_pg_copy *copy = open_copy(fixture->pg);

	feed(copy, "two\ttwo\n");
	sr_loop_run_while(fixture->loop, always, NULL, sr_now() + 200 * SR_MS);
	return copy;
}

static void copy_error_that_came_before_the_end_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_copy *copy = refused_copy(fixture);
	struct sr_op *op = close_copy(copy);

	assert_int_equal(op->status, -SR_ESERVER);
	assert_string_equal(op->err.detail, "22P02");
	sr_op_free(op);
	sr_pg_copy_free(copy);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static void copy_that_was_refused_is_freed(void **state)
{
	struct fixture *fixture = *state;

	sr_pg_copy_free(refused_copy(fixture));
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static void copy_that_is_freed_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_copy *copy = open_copy(fixture->pg);

	feed(copy, "1\tone\n");
	sr_pg_copy_free(copy);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static void copy_in_a_transaction(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_tx *tx = begin(fixture->pg, plain);
	struct sr_pg_copy *copy;
	struct sr_op *op = sr_pg_copy_new(fixture->pg, "COPY t FROM STDIN", &copy);

	sr_pg_start(op, tx, 30 * SR_S);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	feed(copy, "1\tone\n");
	sr_op_free(close_copy(copy));
	sr_pg_copy_free(copy);
	end(tx, sr_pg_rollback_new(tx));
	sr_pg_tx_free(tx);
	assert_string_equal(value_of(fixture->pg, "SELECT count(*) FROM t"), "0");
}

static void what_is_not_a_copy_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = {"SELECT 1", "COPY nowhere FROM STDIN", "nonsense"};

	for (size_t i = 0; i < 3; i++) {
		struct sr_pg_copy *copy;
		struct sr_op *op = sr_pg_copy_new(fixture->pg, texts[i], &copy);

		sr_pg_start(op, NULL, 30 * SR_S);
		assert_int_equal(finish(op), i ? -SR_ESERVER : -SR_EINVAL);
		sr_op_free(op);
		assert_int_equal(feed(copy, "1\n"), -SR_ESTATE);
		sr_pg_copy_free(copy);
		assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");
	}
}

static void copy_sent_as_exec_or_query_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op = sr_pg_exec_new(fixture->pg, "COPY t FROM STDIN");

	sr_pg_start(op, NULL, 30 * SR_S);
	assert_int_equal(finish(op), -SR_ESERVER);
	assert_non_null(strstr(op->err.text, "plain statement"));
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");

	assert_int_equal(run_query(fixture->other, &op, "COPY t FROM STDIN", NULL), -SR_ENOTSUP);
	assert_non_null(strstr(op->err.text, "COPY"));
	sr_op_free(op);
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

#define on_connections(test) cmocka_unit_test_setup_teardown(test, open_connections, close_connections)

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
	    on_connections(copy_loads_rows),
	    on_connections(copy_waits_for_a_slow_server),
	    on_connections(copy_error_shows_at_the_end),
	    on_connections(copy_error_that_came_before_the_end_is_told),
	    on_connections(copy_that_was_refused_is_freed),
	    on_connections(copy_that_is_freed_leaves_nothing),
	    on_connections(copy_in_a_transaction),
	    on_connections(what_is_not_a_copy_is_refused),
	    on_connections(copy_sent_as_exec_or_query_is_refused),
	    on_connections(notices_are_kept_in_order),
	    on_connections(old_notices_make_room),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
