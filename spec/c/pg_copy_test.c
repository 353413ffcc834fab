/* COPY against a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pg_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_connections(copy_loads_rows),
	    on_connections(copy_waits_for_a_slow_server),
	    on_connections(copy_error_shows_at_the_end),
	    on_connections(copy_error_that_came_before_the_end_is_told),
	    on_connections(copy_that_was_refused_is_freed),
	    on_connections(copy_that_is_freed_leaves_nothing),
	    on_connections(copy_in_a_transaction),
	    on_connections(what_is_not_a_copy_is_refused),
	    on_connections(copy_sent_as_exec_or_query_is_refused),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
