/* Queries against a real server: values, errors, prepared statements, several in flight, giving up. */
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
	struct sr_pg *pg;
};

static int open_connection(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct sr_error err;

	*state = fixture;
	if (sr_loop_new(&fixture->loop, &err) < 0)
		return -1;
	fixture->pg = open_pg(fixture->loop, NULL);
	return 0;
}

static int close_connection(void **state)
{
	struct fixture *fixture = *state;

	sr_pg_free(fixture->pg);
	sr_loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static const char *cell(const struct sr_op *op, int row, int column)
{
	return PQgetvalue(sr_pg_result(op), row, column);
}

static void types_are_the_servers(void **state)
{
	struct fixture *fixture = *state;
	const char *params[] = {"41", NULL, "it's $1"};
	struct sr_op *op =
	    sr_pg_query_new(fixture->pg, "SELECT $1::int + 1 AS n, $2::text AS nothing, $3::text AS t", 3, params);

	sr_pg_start(op, NULL, SR_S * 30);
	assert_int_equal(finish(op), 0);
	assert_string_equal(cell(op, 0, 0), "42");
	assert_true(PQgetisnull(sr_pg_result(op), 0, 1));
	assert_string_equal(cell(op, 0, 2), "it's $1");
	assert_int_equal(PQftype(sr_pg_result(op), 0), 23);
	assert_string_equal(PQfname(sr_pg_result(op), 0), "n");
	sr_op_free(op);
}

static void error_carries_sqlstate_detail_and_hint(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	assert_int_equal(run_query(fixture->pg, &op, "SELECT 1 FRM x", NULL), -SR_ESERVER);
	assert_int_equal(op->err.code, SR_ESERVER);
	assert_string_equal(op->err.detail, "42601");
	assert_string_equal(op->err.op, "pg.query");
	assert_non_null(strstr(op->err.text, "syntax error at or near \"x\""));
	assert_non_null(strstr(op->err.text, "at character 14"));
	assert_null(sr_pg_result(op));
	sr_op_free(op);

	value_of(fixture->pg, "SELECT 1");
	run_query(fixture->pg, &op,
		  "DO $$ BEGIN RAISE EXCEPTION 'broken' USING DETAIL = 'in two', HINT = 'glue', ERRCODE = "
		  "'P0007'; END $$",
		  NULL);
	assert_string_equal(op->err.detail, "P0007");
	assert_string_equal(op->err.text, "broken; detail: in two; hint: glue");
	sr_op_free(op);
}

static void empty_text_has_no_rows(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	assert_int_equal(run_query(fixture->pg, &op, "", NULL), 0);
	assert_int_equal(PQntuples(sr_pg_result(op)), 0);
	sr_op_free(op);
}

static void two_statements_in_a_query_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	assert_int_equal(run_query(fixture->pg, &op, "SELECT 1; SELECT 2", NULL), -SR_ESERVER);
	assert_string_equal(op->err.detail, "42601");
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT 3"), "3");
}

static void too_many_parameters_fail(void **state)
{
	struct fixture *fixture = *state;
	const char **params = calloc(SR_PG_MAX_PARAMS + 1, sizeof *params);
	struct sr_op *op = sr_pg_query_new(fixture->pg, "SELECT 1", SR_PG_MAX_PARAMS + 1, params);

	sr_pg_start(op, NULL, SR_S * 30);
	assert_int_equal(finish(op), -SR_ELIMIT);
	sr_op_free(op);
	free(params);
}

/* ---- prepared statements ---- */

static void texts_are_prepared_once(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(run_query(fixture->pg, &op, "SELECT $1::int", "7"), 0);
		sr_op_free(op);
	}
	assert_string_equal(
	    value_of(fixture->pg, "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int'"),
	    "1");
}

static void the_number_of_statements_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn(""), .statements = 5};
	struct sr_pg *pg = open_pg(fixture->loop, &options);
	char sql[64];

	for (int i = 0; i < 40; i++) {
		snprintf(sql, sizeof sql, "SELECT %d", i);
		assert_int_equal(atoi(value_of(pg, sql)), i);
	}
	assert_true(atoi(value_of(pg, "SELECT count(*) FROM pg_prepared_statements")) <= 5);
	sr_pg_free(pg);
}

static void unprepared_leaves_nothing_on_the_server(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn(""), .unprepared = true};
	struct sr_pg *pg = open_pg(fixture->loop, &options);

	value_of(pg, "SELECT 1");
	assert_string_equal(value_of(pg, "SELECT count(*) FROM pg_prepared_statements"), "0");
	sr_pg_free(pg);
}

static void a_statement_that_the_server_dropped_fails_once(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	value_of(fixture->pg, "SELECT 5");
	value_of(fixture->pg, "SELECT 5");
	run_query(fixture->pg, &op, "DEALLOCATE ALL", NULL);
	sr_op_free(op);
	assert_int_equal(run_query(fixture->pg, &op, "SELECT 5", NULL), -SR_ESERVER);
	assert_string_equal(op->err.detail, "26000");
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT 5"), "5");
}

static void a_changed_result_type_fails_once(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	run_query(fixture->pg, &op, "CREATE TEMP TABLE shape AS SELECT 1 AS a", NULL);
	sr_op_free(op);
	value_of(fixture->pg, "SELECT * FROM shape");
	run_query(fixture->pg, &op, "ALTER TABLE shape ADD COLUMN b int", NULL);
	sr_op_free(op);
	assert_int_equal(run_query(fixture->pg, &op, "SELECT * FROM shape", NULL), -SR_ESERVER);
	assert_string_equal(op->err.detail, "0A000");
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT * FROM shape"), "1");
}

static void a_text_that_does_not_parse_is_not_kept(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op;

	assert_int_equal(run_query(fixture->pg, &op, "SELECT * FROM later", NULL), -SR_ESERVER);
	assert_string_equal(op->err.detail, "42P01");
	sr_op_free(op);
	run_query(fixture->pg, &op, "CREATE TEMP TABLE later AS SELECT 9", NULL);
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT * FROM later"), "9");
}

/* ---- several in flight ---- */

static void errors_stay_with_their_query(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *ops[100];
	const char *params[1];
	struct sr_op *batch;

	for (int i = 0; i < 100; i++) {
		params[0] = i % 10 == 3 ? "0" : "5";
		ops[i] = sr_pg_query_new(fixture->pg, i % 10 == 7 ? "SELECT nonsense" : "SELECT 10 / $1::int",
					 i % 10 == 7 ? 0 : 1, params);
	}
	batch = sr_pg_batch_new(fixture->pg, ops, 100);
	sr_pg_batch_start(batch, NULL, 30 * SR_S);
	assert_int_equal(finish(batch), 0);
	for (unsigned i = 0; i < sr_pg_batch_count(batch); i++) {
		const struct sr_op *op = sr_pg_batch_get(batch, i);

		if (i % 10 == 3)
			assert_string_equal(op->err.detail, "22012");
		else if (i % 10 == 7)
			assert_string_equal(op->err.detail, "42703");
		else
			assert_string_equal(cell(op, 0, 0), "2");
	}
	sr_op_free(batch);
}

static void an_empty_batch_ends(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *batch = sr_pg_batch_new(fixture->pg, NULL, 0);

	sr_pg_batch_start(batch, NULL, 30 * SR_S);
	assert_int_equal(finish(batch), 0);
	sr_op_free(batch);
}

static void each_query_in_flight_is_its_own_transaction(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *ops[3], *batch;

	sr_op_free((run_query(fixture->pg, &ops[0], "CREATE TEMP TABLE kept (n int PRIMARY KEY)", NULL), ops[0]));
	ops[0] = sr_pg_query_new(fixture->pg, "INSERT INTO kept VALUES (1)", 0, NULL);
	ops[1] = sr_pg_query_new(fixture->pg, "INSERT INTO kept VALUES (1)", 0, NULL);
	ops[2] = sr_pg_query_new(fixture->pg, "INSERT INTO kept VALUES (2)", 0, NULL);
	batch = sr_pg_batch_new(fixture->pg, ops, 3);
	sr_pg_batch_start(batch, NULL, 30 * SR_S);
	assert_int_equal(finish(batch), 0);
	assert_string_equal(ops[1]->err.detail, "23505");
	sr_op_free(batch);
	assert_string_equal(value_of(fixture->pg, "SELECT string_agg(n::text, ',' ORDER BY n) FROM kept"), "1,2");
}

static void large_texts_flow_both_ways(void **state)
{
	struct fixture *fixture = *state;
	size_t size = 3u << 20;
	char *text = malloc(size + 1);
	const char *params[] = {text};
	struct sr_op *ops[8], *batch;

	memset(text, 'x', size);
	text[size] = '\0';
	for (int i = 0; i < 8; i++)
		ops[i] = sr_pg_query_new(fixture->pg, "SELECT $1::text", 1, params);
	batch = sr_pg_batch_new(fixture->pg, ops, 8);
	sr_pg_batch_start(batch, NULL, 60 * SR_S);
	assert_int_equal(finish(batch), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(strlen(cell(ops[i], 0, 0)), size);
	sr_op_free(batch);
	free(text);
}

static void a_result_over_the_limit_ends_the_connection(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn(""), .max_result = 1u << 20};
	struct sr_pg *pg = open_pg(fixture->loop, &options);
	struct sr_op *op;

	assert_int_equal(run_query(pg, &op, "SELECT repeat('x', 1000) FROM generate_series(1, 100000)", NULL),
			 -SR_ELIMIT);
	assert_non_null(strstr(op->err.text, "max_result"));
	sr_op_free(op);
	assert_int_equal(run_query(pg, &op, "SELECT 1", NULL), -SR_ELIMIT);
	sr_op_free(op);
	sr_pg_free(pg);
}

/* ---- giving up ---- */

static void a_deadline_leaves_a_usable_connection(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op = sr_pg_query_new(fixture->pg, "SELECT pg_sleep(60)", 0, NULL);

	sr_pg_start(op, NULL, 50 * SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	assert_non_null(strstr(op->err.text, "unknown"));
	sr_op_free(op);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");
	assert_true(sr_pg_idle(fixture->pg));
}

static void cancelling_one_hits_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *slow = sr_pg_query_new(fixture->pg, "SELECT pg_sleep(0.3)", 0, NULL);
	struct sr_op *next = sr_pg_query_new(fixture->pg, "SELECT 'next'", 0, NULL);
	struct sr_op *after = sr_pg_query_new(fixture->pg, "SELECT 'after'", 0, NULL);

	sr_pg_start(slow, NULL, 50 * SR_MS);
	sr_pg_start(next, NULL, 30 * SR_S);
	assert_int_equal(finish(slow), -SR_ETIMEOUT);
	sr_pg_start(after, NULL, 30 * SR_S);
	assert_int_equal(finish(next), 0);
	assert_int_equal(finish(after), 0);
	assert_string_equal(cell(next, 0, 0), "next");
	assert_string_equal(cell(after, 0, 0), "after");
	sr_op_free(slow);
	sr_op_free(next);
	sr_op_free(after);
}

static void all_given_up_are_drained(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *ops[5], *batch;

	for (int i = 0; i < 5; i++)
		ops[i] = sr_pg_query_new(fixture->pg, "SELECT pg_sleep(60)", 0, NULL);
	batch = sr_pg_batch_new(fixture->pg, ops, 5);
	sr_pg_batch_start(batch, NULL, 50 * SR_MS);
	assert_int_equal(finish(batch), -SR_ETIMEOUT);
	sr_op_free(batch);
	assert_string_equal(value_of(fixture->pg, "SELECT 1"), "1");
}

static void what_waits_is_not_sent_once_cancelled(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn(""), .depth = 1};
	struct sr_pg *pg = open_pg(fixture->loop, &options);
	struct sr_op *first = sr_pg_query_new(pg, "SELECT pg_sleep(0.1)", 0, NULL);
	struct sr_op *second = sr_pg_query_new(pg, "CREATE TABLE never_made (n int)", 0, NULL);

	sr_pg_start(first, NULL, 30 * SR_S);
	sr_pg_start(second, NULL, 10 * SR_MS);
	assert_int_equal(finish(second), -SR_ETIMEOUT);
	assert_null(strstr(second->err.text, "unknown"));
	assert_int_equal(finish(first), 0);
	assert_string_equal(value_of(pg, "SELECT to_regclass('never_made') IS NULL"), "t");
	sr_op_free(first);
	sr_op_free(second);
	sr_pg_free(pg);
}

static void closing_fails_what_waits(void **state)
{
	struct fixture *fixture = *state;
	struct sr_op *op = sr_pg_query_new(fixture->pg, "SELECT pg_sleep(60)", 0, NULL);
	struct sr_op *late;

	sr_pg_start(op, NULL, 30 * SR_S);
	sr_pg_close(fixture->pg);
	assert_int_equal(finish(op), -SR_ESTATE);
	sr_op_free(op);
	assert_int_equal(run_query(fixture->pg, &late, "SELECT 1", NULL), -SR_ESTATE);
	sr_op_free(late);
}

static void a_terminated_backend_says_why(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg *other = open_pg(fixture->loop, NULL);
	struct sr_op *ops[2], *killer;
	struct sr_error err;
	char sql[96];

	ops[0] = sr_pg_query_new(other, "SELECT pg_sleep(60)", 0, NULL);
	ops[1] = sr_pg_query_new(other, "SELECT 1", 0, NULL);
	sr_pg_start(ops[0], NULL, 30 * SR_S);
	sr_pg_start(ops[1], NULL, 30 * SR_S);
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", sr_pg_backend_pid(other));
	assert_int_equal(run_query(fixture->pg, &killer, sql, NULL), 0);
	sr_op_free(killer);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(finish(ops[i]), -SR_ECLOSED);
		assert_string_equal(ops[i]->err.detail, "57P01");
		assert_non_null(strstr(ops[i]->err.text, "terminating connection"));
		sr_op_free(ops[i]);
	}
	assert_int_equal(sr_pg_check(other, &err), -SR_ECLOSED);
	sr_pg_free(other);
}

static bool still_open(void *arg)
{
	struct sr_error err;

	return sr_pg_check(arg, &err) == 0;
}

static void an_idle_connection_notices_its_end(void **state)
{
	struct fixture *fixture = *state;
	struct sr_pg *other = open_pg(fixture->loop, NULL);
	struct sr_op *op;
	char sql[96];

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", sr_pg_backend_pid(other));
	assert_int_equal(run_query(fixture->pg, &op, sql, NULL), 0);
	sr_op_free(op);
	assert_int_equal(sr_loop_run_while(fixture->loop, still_open, other, sr_now() + 30 * SR_S), 0);
	assert_int_equal(run_query(other, &op, "SELECT 1", NULL), -SR_ECLOSED);
	assert_string_equal(op->err.detail, "57P01");
	sr_op_free(op);
	sr_pg_free(other);
}

#define on_connection(test) cmocka_unit_test_setup_teardown(test, open_connection, close_connection)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_connection(types_are_the_servers),
	    on_connection(error_carries_sqlstate_detail_and_hint),
	    on_connection(empty_text_has_no_rows),
	    on_connection(two_statements_in_a_query_are_refused),
	    on_connection(too_many_parameters_fail),
	    on_connection(texts_are_prepared_once),
	    on_connection(the_number_of_statements_is_bounded),
	    on_connection(unprepared_leaves_nothing_on_the_server),
	    on_connection(a_statement_that_the_server_dropped_fails_once),
	    on_connection(a_changed_result_type_fails_once),
	    on_connection(a_text_that_does_not_parse_is_not_kept),
	    on_connection(errors_stay_with_their_query),
	    on_connection(an_empty_batch_ends),
	    on_connection(each_query_in_flight_is_its_own_transaction),
	    on_connection(large_texts_flow_both_ways),
	    on_connection(a_result_over_the_limit_ends_the_connection),
	    on_connection(a_deadline_leaves_a_usable_connection),
	    on_connection(cancelling_one_hits_no_other),
	    on_connection(all_given_up_are_drained),
	    on_connection(what_waits_is_not_sent_once_cancelled),
	    on_connection(closing_fails_what_waits),
	    on_connection(a_terminated_backend_says_why),
	    on_connection(an_idle_connection_notices_its_end),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
