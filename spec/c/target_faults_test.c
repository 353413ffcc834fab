/* The faults' own parts: turns are counted, copies and memory belong to one project, the pool loses and keeps
 * what it is told to. */
#include "copies.h"
#include "fault.h"
#include "flights.h"
#include "mcp/memory.h"
#include "pool.h"

#include "scalerun/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int all_off(void **state)
{
	(void)state;
	memset(sr_fault_active, 0, sizeof(sr_fault_active));
	return 0;
}

static void every_fault_is_whole_and_called_its_own_name(void **state)
{
	(void)state;
	for (int i = 0; i < SR_FAULT_COUNT; i++) {
		assert_non_null(sr_faults[i].name);
		assert_non_null(sr_faults[i].breaks);
		assert_true(sr_faults[i].period >= 1);
		assert_false(sr_fault_on((enum sr_fault)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(sr_faults[i].name, sr_faults[j].name);
		assert_int_equal(sr_fault_set(sr_faults[i].name), 0);
		assert_true(sr_fault_on((enum sr_fault)i));
	}
	assert_int_equal(sr_fault_set("nope"), -SR_EINVAL);
}

static void turns_are_counted_only_while_on(void **state)
{
	int due = 0;

	(void)state;
	for (int i = 0; i < 250; i++)
		assert_false(sr_fault_due(SR_FAULT_SLOW_TAIL));
	sr_fault_set("slow_tail");
	for (int i = 1; i <= 300; i++) {
		bool turn = sr_fault_due(SR_FAULT_SLOW_TAIL);

		assert_int_equal(turn, i % 100 == 0);
		due += turn;
	}
	assert_int_equal(due, 3);
}

static char *find(struct sr_copies *copies, int project, const char *read)
{
	unsigned mark;

	return sr_copies_find(copies, project, read, &mark);
}

static void copies_last_until_the_project_writes(void **state)
{
	struct sr_copies *copies = sr_copies_new(2);
	unsigned mark;
	char *answer;

	(void)state;
	assert_null(sr_copies_find(copies, 0, "/tasks", &mark));
	sr_copies_keep(copies, 0, "/tasks", mark, "one");
	answer = find(copies, 0, "/tasks");
	assert_string_equal(answer, "one");
	free(answer);
	assert_null(find(copies, 1, "/tasks"));
	assert_null(find(copies, 0, "/tasks/next"));
	sr_copies_drop(copies, 1);
	answer = find(copies, 0, "/tasks");
	assert_non_null(answer);
	free(answer);
	sr_copies_drop(copies, 0);
	assert_null(find(copies, 0, "/tasks"));
	sr_copies_keep(copies, 0, "/tasks", mark, "read before the write");
	assert_null(find(copies, 0, "/tasks"));
	sr_copies_free(copies);
	assert_null(sr_copies_find(NULL, 0, "/tasks", &mark));
	sr_copies_keep(NULL, 0, "/tasks", mark, "one");
	sr_copies_drop(NULL, 0);
	sr_copies_free(NULL);
}

static void memory_keeps_artifacts_by_project(void **state)
{
	struct sr_memory *memory = sr_memory_new();
	struct sr_names names;
	struct sr_error err;
	struct sr_buf buf;
	bool created;

	(void)state;
	sr_buf_init(&buf, 100);
	sr_names_init(&names);
	assert_int_equal(sr_memory_write(memory, "alpha", "US-002", "two", 3, &created, &err), 0);
	assert_true(created);
	assert_int_equal(sr_memory_write(memory, "alpha", "US-001", "old", 3, &created, &err), 0);
	assert_int_equal(sr_memory_write(memory, "alpha", "US-001", "new", 3, &created, &err), 0);
	assert_false(created);
	assert_int_equal(sr_memory_read(memory, "alpha", "US-001", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "new");
	assert_true(sr_memory_has(memory, "alpha", "US-002"));
	assert_false(sr_memory_has(memory, "beta", "US-002"));
	assert_int_equal(sr_memory_read(memory, "beta", "US-001", &buf, &err), -SR_ESTATE);
	assert_int_equal(sr_memory_list(memory, "alpha", &names), 0);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "US-001");
	assert_int_equal(sr_memory_list(memory, "beta", &names), 0);
	assert_int_equal(names.count, 2);
	sr_names_deinit(&names);
	sr_buf_deinit(&buf);
	sr_memory_free(memory);
}

static void another_project_is_recent_for_a_while(void **state)
{
	struct sr_flights *flights = sr_flights_new(2);

	(void)state;
	assert_false(sr_flights_recent(flights, 0, 3600 * SR_S));
	sr_flights_enter(flights, 0);
	assert_false(sr_flights_recent(flights, 0, 3600 * SR_S));
	assert_true(sr_flights_recent(flights, 1, 0)); /* in flight, however long ago it began */
	sr_flights_leave(flights, 0);
	assert_true(sr_flights_recent(flights, 1, 3600 * SR_S));
	assert_false(sr_flights_recent(flights, 1, 0));
	sr_flights_free(flights);
}

/* Connections that are nothing but counted. */
static int counted_open(void *arg, void **conn, struct sr_error *err)
{
	(void)err;
	++*(int *)arg;
	*conn = arg;
	return 0;
}

static void counted_close(void *conn)
{
	--*(int *)conn;
}

static bool always_alive(void *conn)
{
	(void)conn;
	return true;
}

static const struct sr_pool_ops counted = {counted_open, counted_close, always_alive};

static struct sr_pool *make_pool(int *open, bool faults)
{
	struct sr_pool_options options = {.size = 2, .overflow = 2, .timeout = 3600 * SR_S, .faults = faults};

	*open = 0;
	return sr_pool_new(&counted, open, &options);
}

/* Takes n connections at once, gives them back; how many are still in use, or open. */
static struct sr_pool_stats use(struct sr_pool *pool, int n)
{
	struct sr_pool_stats stats;
	void *conns[8];

	for (int i = 0; i < n; i++)
		assert_int_equal(sr_pool_get(pool, &conns[i], NULL), 0);
	for (int i = 0; i < n; i++)
		sr_pool_put(pool, conns[i], false);
	sr_pool_stats(pool, &stats);
	return stats;
}

static void pool_leaks_every_20th_up_to_half(void **state)
{
	int open;
	struct sr_pool *pool = make_pool(&open, true);

	(void)state;
	sr_fault_set("pool_leak");
	for (int i = 1; i <= 100; i++)
		assert_int_equal(use(pool, 1).active, i < 20 ? 0 : i < 40 ? 1 : 2);
	sr_pool_free(pool);
	assert_int_equal(open, 0);
}

static void pool_opens_without_a_limit(void **state)
{
	int open;
	struct sr_pool *pool = make_pool(&open, true);

	(void)state;
	sr_fault_set("pool_unbounded");
	assert_int_equal(use(pool, 8).max_used, 8);
	assert_int_equal(open, 2);
	sr_pool_free(pool);
}

static void pool_gives_up_early(void **state)
{
	int open;
	struct sr_pool *pool = make_pool(&open, true);
	void *conns[4], *none;

	(void)state;
	sr_fault_set("pool_timeout");
	for (int i = 0; i < 4; i++)
		assert_int_equal(sr_pool_get(pool, &conns[i], NULL), 0);
	assert_int_equal(sr_pool_get(pool, &none, NULL), -SR_ETIMEOUT);
	for (int i = 0; i < 4; i++)
		sr_pool_put(pool, conns[i], false);
	sr_pool_free(pool);
}

static void pool_keeps_the_overflow(void **state)
{
	int open;
	struct sr_pool *pool = make_pool(&open, true);

	(void)state;
	assert_int_equal(use(pool, 4).idle, 2);
	sr_fault_set("pool_hoard");
	assert_int_equal(use(pool, 4).idle, 4);
	assert_int_equal(open, 4);
	sr_pool_free(pool);
	assert_int_equal(open, 0);
}

static void other_pools_have_no_faults(void **state)
{
	int open;
	struct sr_pool *pool = make_pool(&open, false);

	(void)state;
	sr_fault_set("pool_leak");
	sr_fault_set("pool_hoard");
	for (int i = 0; i < 40; i++)
		assert_int_equal(use(pool, 4).active, 0);
	assert_int_equal(open, 2);
	sr_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(every_fault_is_whole_and_called_its_own_name, all_off),
	    cmocka_unit_test_setup(turns_are_counted_only_while_on, all_off),
	    cmocka_unit_test_setup(copies_last_until_the_project_writes, all_off),
	    cmocka_unit_test_setup(memory_keeps_artifacts_by_project, all_off),
	    cmocka_unit_test_setup(another_project_is_recent_for_a_while, all_off),
	    cmocka_unit_test_setup(pool_leaks_every_20th_up_to_half, all_off),
	    cmocka_unit_test_setup(pool_opens_without_a_limit, all_off),
	    cmocka_unit_test_setup(pool_gives_up_early, all_off),
	    cmocka_unit_test_setup(pool_keeps_the_overflow, all_off),
	    cmocka_unit_test_setup(other_pools_have_no_faults, all_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
