/* The pool against a real server: who gets a connection when, and what becomes of those that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "scalerun/base/clock.h"
#include "scalerun/engine/pg_pool.h"
#include "support/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sr_pg_pool *new_pool(struct sr_loop *loop, const char *dsn, unsigned size, unsigned share)
{
	struct sr_pg_pool_options options = {
	    .connection.dsn = dsn, .size = size, .share = share, .connect_timeout = 30 * SR_S};
	struct sr_pg_pool *pool;
	struct sr_error err;

	assert_int_equal(sr_pg_pool_new(&pool, loop, &options, &err), 0);
	return pool;
}

static struct sr_op *start(struct sr_pg_pool *pool, bool shared, int64_t timeout)
{
	struct sr_op *op = sr_pg_acquire_new(pool, shared);

	sr_pg_acquire_start(op, timeout);
	return op;
}

static struct sr_pg *take(struct sr_op *op)
{
	struct sr_pg *pg;

	if (finish(op) < 0)
		fail_msg("%s", op->err.text);
	pg = sr_pg_acquire_take(op);
	sr_op_free(op);
	return pg;
}

static struct sr_pg *acquire(struct sr_pg_pool *pool, bool shared)
{
	struct sr_pg *pg = sr_pg_pool_try(pool, shared);

	return pg ? pg : take(start(pool, shared, 30 * SR_S));
}

static void release(struct sr_pg_pool *pool, struct sr_pg *pg)
{
	assert_int_equal(sr_pg_pool_release(pool, pg, NULL), 0);
}

static struct sr_pg_pool_stats stats_of(struct sr_pg_pool *pool)
{
	struct sr_pg_pool_stats stats;

	sr_pg_pool_stats(pool, &stats);
	return stats;
}

static void connections_are_used_again(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 5, 1);
	struct sr_pg *first = acquire(pool, false);

	assert_string_equal(value_of(first, "SELECT 1"), "1");
	release(pool, first);
	for (int i = 0; i < 10; i++) {
		struct sr_pg *again = sr_pg_pool_try(pool, false);

		assert_ptr_equal(again, first);
		release(pool, again);
	}
	assert_int_equal(stats_of(pool).open, 1);
	assert_int_equal(stats_of(pool).max_lent, 1);
	sr_pg_pool_free(pool);
}

static void no_more_than_size_and_first_come_first_served(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 2, 1);
	struct sr_pg *a = acquire(pool, false), *b = acquire(pool, false);
	struct sr_op *third = start(pool, false, 30 * SR_S), *fourth = start(pool, false, 30 * SR_S);

	assert_ptr_not_equal(a, b);
	assert_null(sr_pg_pool_try(pool, false));
	assert_int_equal(stats_of(pool).waiting, 2);
	release(pool, b);
	assert_null(sr_pg_pool_try(pool, false)); /* the third was here before */
	assert_ptr_equal(take(third), b);
	assert_true(sr_op_running(fourth));
	release(pool, a);
	assert_ptr_equal(take(fourth), a);
	assert_int_equal(stats_of(pool).open, 2);
	release(pool, a);
	release(pool, b);
	sr_pg_pool_free(pool);
}

static void waiting_has_a_deadline(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 1, 1);
	struct sr_pg *pg = acquire(pool, false);
	struct sr_op *op = start(pool, false, 20 * SR_MS);

	assert_int_equal(finish(op), -SR_ETIMEOUT);
	assert_non_null(strstr(op->err.text, "1 of 1 lent"));
	sr_op_free(op);
	assert_int_equal(stats_of(pool).timeouts, 1);
	release(pool, pg);
	release(pool, acquire(pool, false));
	sr_pg_pool_free(pool);
}

static void a_connection_that_was_not_taken_comes_back(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 1, 1);
	struct sr_op *op = start(pool, false, 30 * SR_S);

	assert_int_equal(finish(op), 0);
	assert_int_equal(stats_of(pool).lent, 1);
	sr_op_free(op);
	assert_int_equal(stats_of(pool).lent, 0);
	sr_pg_pool_free(pool);
}

static void sharing_begins_when_all_are_open(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 2, 3);
	struct sr_pg *held[6];
	int first = 0;

	for (int i = 0; i < 6; i++) {
		held[i] = acquire(pool, true);
		first += held[i] == held[0];
	}
	assert_ptr_not_equal(held[0], held[1]);
	assert_int_equal(first, 3);
	assert_null(sr_pg_pool_try(pool, true));
	assert_int_equal(stats_of(pool).open, 2);
	for (int i = 0; i < 6; i++)
		release(pool, held[i]);
	sr_pg_pool_free(pool);
}

static void who_wants_one_alone_shares_with_nobody(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 1, 4);
	struct sr_pg *a = acquire(pool, true), *b = acquire(pool, true);
	struct sr_op *alone = start(pool, false, 30 * SR_S);

	assert_ptr_equal(a, b);
	release(pool, a);
	assert_null(sr_pg_pool_try(pool, true));
	assert_true(sr_op_running(alone));
	release(pool, b);
	assert_ptr_equal(take(alone), a);
	assert_null(sr_pg_pool_try(pool, true));
	release(pool, a);
	sr_pg_pool_free(pool);
}

static void the_broken_are_replaced(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_pool *pool = new_pool(loop, postgres_dsn(""), 1, 1);
	struct sr_pg *pg = acquire(pool, false), *killer = open_pg(loop, NULL);
	struct sr_op *op;
	char sql[64];
	int pid = sr_pg_backend_pid(pg);

	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", pid);
	value_of(killer, sql);
	assert_int_equal(run_query(pg, &op, "SELECT pg_sleep(60)", NULL), -SR_ECLOSED);
	sr_op_free(op);
	release(pool, pg);
	pg = acquire(pool, false);
	assert_int_not_equal(sr_pg_backend_pid(pg), pid);
	assert_int_equal(stats_of(pool).discarded, 1);
	release(pool, pg);
	sr_pg_free(killer);
	sr_pg_pool_free(pool);
}

static void an_open_block_ends_the_connection_and_is_told(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_pool *pool = new_pool(loop, postgres_dsn(""), 1, 1);
	struct sr_pg *pg = acquire(pool, false);
	struct sr_error err;
	struct sr_op *op;
	int pid = sr_pg_backend_pid(pg);

	assert_int_equal(run_query(pg, &op, "BEGIN", NULL), 0);
	sr_op_free(op);
	assert_int_equal(sr_pg_pool_release(pool, pg, &err), -SR_ESTATE);
	assert_non_null(strstr(err.text, "transaction block"));
	pg = acquire(pool, false);
	assert_int_not_equal(sr_pg_backend_pid(pg), pid);
	release(pool, pg);
	sr_pg_pool_free(pool);
}

static void a_given_up_statement_is_drained_before_the_next_borrower(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 1, 1);
	struct sr_pg *pg = acquire(pool, false);
	struct sr_op *op = sr_pg_query_new(pg, "SELECT pg_sleep(60)", 0, NULL);
	int pid = sr_pg_backend_pid(pg);

	sr_pg_start(op, NULL, 20 * SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	sr_op_free(op);
	release(pool, pg);
	assert_null(sr_pg_pool_try(pool, false));
	pg = acquire(pool, false);
	assert_int_equal(sr_pg_backend_pid(pg), pid);
	assert_string_equal(value_of(pg, "SELECT 1"), "1");
	release(pool, pg);
	sr_pg_pool_free(pool);
}

static void a_failed_attempt_fails_who_waits_longest(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, "host=/nowhere password=s3cret-word", 3, 1);
	struct sr_op *a = start(pool, false, 30 * SR_S), *b = start(pool, false, 30 * SR_S);

	assert_int_equal(finish(a), -SR_ECONNECT);
	assert_int_equal(finish(b), -SR_ECONNECT);
	assert_non_null(strstr(a->err.text, "/nowhere"));
	assert_null(strstr(a->err.text, "s3cret-word"));
	sr_op_free(a);
	sr_op_free(b);
	sr_pg_pool_free(pool);
}

static void closing_fails_everybody(void **state)
{
	struct sr_pg_pool *pool = new_pool(*state, postgres_dsn(""), 1, 1);
	struct sr_pg *pg = acquire(pool, false);
	struct sr_op *query = sr_pg_query_new(pg, "SELECT pg_sleep(60)", 0, NULL);
	struct sr_op *waiting = start(pool, false, 30 * SR_S), *late;

	sr_pg_start(query, NULL, 30 * SR_S);
	sr_pg_pool_close(pool);
	late = start(pool, false, 30 * SR_S);
	assert_int_equal(finish(query), -SR_ESTATE);
	assert_int_equal(finish(waiting), -SR_ESTATE);
	assert_int_equal(finish(late), -SR_ESTATE);
	sr_op_free(query);
	sr_op_free(waiting);
	sr_op_free(late);
	sr_pg_pool_free(pool); /* the memory waits for the connection */
	release(pool, pg);
}

static void closing_while_a_connection_is_being_opened(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_pool *pool = new_pool(loop, postgres_dsn(""), 1, 1);
	struct sr_op *op = start(pool, false, 30 * SR_S), *other;
	struct sr_pg *pg = open_pg(loop, NULL); /* meanwhile the attempt has begun */

	sr_pg_pool_free(pool);
	assert_true(finish(op) == 0 || op->status == -SR_ESTATE);
	sr_op_free(op);
	assert_int_equal(run_query(pg, &other, "SELECT 1", NULL), 0);
	sr_op_free(other);
	sr_pg_free(pg);
}

static void a_size_of_none_is_refused(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_pool_options options = {.size = 0};
	struct sr_pg_pool *pool;
	struct sr_error err;

	assert_int_equal(sr_pg_pool_new(&pool, loop, &options, &err), -SR_EINVAL);
	assert_null(pool);
}

#define on_loop(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_loop(connections_are_used_again),
	    on_loop(no_more_than_size_and_first_come_first_served),
	    on_loop(waiting_has_a_deadline),
	    on_loop(a_connection_that_was_not_taken_comes_back),
	    on_loop(sharing_begins_when_all_are_open),
	    on_loop(who_wants_one_alone_shares_with_nobody),
	    on_loop(the_broken_are_replaced),
	    on_loop(an_open_block_ends_the_connection_and_is_told),
	    on_loop(a_given_up_statement_is_drained_before_the_next_borrower),
	    on_loop(a_failed_attempt_fails_who_waits_longest),
	    on_loop(closing_fails_everybody),
	    on_loop(closing_while_a_connection_is_being_opened),
	    on_loop(a_size_of_none_is_refused),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
