/* The pool with connections that are mere numbers, so that every order can be forced. */
#include "pool.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

struct fake {
	atomic_int opened, closed;
	atomic_bool refuse;
	struct conn {
		struct fake *owner;
		atomic_bool dead;
	} conns[1000];
};

static int fake_open(void *arg, void **conn, struct sr_error *err)
{
	struct fake *fake = arg;

	if (atomic_load(&fake->refuse))
		return sr_fail(err, SR_ECONNECT, "fake.open", "refused");
	*conn = &fake->conns[atomic_fetch_add(&fake->opened, 1)];
	((struct conn *)*conn)->owner = fake;
	return 0;
}

static void fake_close(void *conn)
{
	atomic_fetch_add(&((struct conn *)conn)->owner->closed, 1);
}

static bool fake_alive(void *conn)
{
	return !atomic_load(&((struct conn *)conn)->dead);
}

static const struct sr_pool_ops ops = {fake_open, fake_close, fake_alive};

static struct sr_pool *make(struct fake *fake, int size, int overflow, int64_t timeout)
{
	struct sr_pool_options options = {.size = size, .overflow = overflow, .timeout = timeout};
	struct sr_pool *pool = sr_pool_new(&ops, fake, &options);

	assert_non_null(pool);
	return pool;
}

static struct sr_pool_stats stats_of(struct sr_pool *pool)
{
	struct sr_pool_stats stats;

	sr_pool_stats(pool, &stats);
	return stats;
}

static void await_waiting(struct sr_pool *pool, int waiting)
{
	struct timespec pause = {.tv_nsec = SR_MS};

	while (stats_of(pool).waiting != waiting)
		nanosleep(&pause, NULL);
}

static void keeps_size_and_closes_overflow(void **state)
{
	struct fake fake = {0};
	struct sr_pool *pool = make(&fake, 2, 1, SR_S);
	void *conns[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(sr_pool_get(pool, &conns[i], NULL), 0);
	assert_int_equal(stats_of(pool).active, 3);
	for (int i = 0; i < 3; i++)
		sr_pool_put(pool, conns[i], false);
	assert_int_equal(stats_of(pool).idle, 2);
	assert_int_equal(stats_of(pool).active, 0);
	assert_int_equal(stats_of(pool).max_used, 3);
	assert_int_equal(fake.closed, 1);
	assert_int_equal(sr_pool_get(pool, &conns[0], NULL), 0);
	assert_int_equal(fake.opened, 3);
	sr_pool_put(pool, conns[0], false);
	sr_pool_free(pool);
	assert_int_equal(fake.closed, 3);
}

static void replaces_broken_and_dead_ones(void **state)
{
	struct fake fake = {0};
	struct sr_pool *pool = make(&fake, 1, 0, SR_S);
	void *conn;

	(void)state;
	assert_int_equal(sr_pool_get(pool, &conn, NULL), 0);
	sr_pool_put(pool, conn, true);
	assert_int_equal(fake.closed, 1);
	assert_int_equal(sr_pool_get(pool, &conn, NULL), 0);
	sr_pool_put(pool, conn, false);
	fake.conns[1].dead = true;
	assert_int_equal(sr_pool_get(pool, &conn, NULL), 0);
	assert_ptr_equal(conn, &fake.conns[2]);
	sr_pool_put(pool, conn, false);
	sr_pool_free(pool);
	assert_int_equal(fake.closed, 3);
}

static void gives_the_place_back_when_opening_fails(void **state)
{
	struct fake fake = {.refuse = true};
	struct sr_pool *pool = make(&fake, 1, 0, SR_S);
	struct sr_error err;
	void *conn;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(sr_pool_get(pool, &conn, &err), -SR_ECONNECT);
	assert_int_equal(stats_of(pool).active, 0);
	fake.refuse = false;
	assert_int_equal(sr_pool_get(pool, &conn, &err), 0);
	sr_pool_put(pool, conn, false);
	sr_pool_free(pool);
}

static void times_out(void **state)
{
	struct fake fake = {0};
	struct sr_pool *pool = make(&fake, 1, 0, 10 * SR_MS);
	struct sr_error err;
	void *conn, *none;

	(void)state;
	assert_int_equal(sr_pool_get(pool, &conn, &err), 0);
	assert_int_equal(sr_pool_get(pool, &none, &err), -SR_ETIMEOUT);
	assert_int_equal(stats_of(pool).timeouts, 1);
	assert_int_equal(stats_of(pool).waiting, 0);
	sr_pool_put(pool, conn, false);
	assert_int_equal(stats_of(pool).idle, 1);
	sr_pool_free(pool);
}

struct caller {
	struct sr_pool *pool;
	pthread_t thread;
	atomic_int *turn;
	int came; /* the how-manieth to be served */
	bool broken;
};

static void *call(void *arg)
{
	struct caller *caller = arg;
	void *conn;

	if (sr_pool_get(caller->pool, &conn, NULL) == 0) {
		caller->came = atomic_fetch_add(caller->turn, 1);
		sr_pool_put(caller->pool, conn, caller->broken);
	}
	return NULL;
}

static void serve_in_order(bool broken)
{
	struct fake fake = {0};
	struct sr_pool *pool = make(&fake, 1, 0, 30 * SR_S);
	struct caller callers[5];
	atomic_int turn = 0;
	void *conn;

	assert_int_equal(sr_pool_get(pool, &conn, NULL), 0);
	for (int i = 0; i < 5; i++) {
		callers[i] = (struct caller){.pool = pool, .turn = &turn, .came = -1, .broken = broken};
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
		await_waiting(pool, i + 1);
	}
	sr_pool_put(pool, conn, broken);
	for (int i = 0; i < 5; i++) {
		pthread_join(callers[i].thread, NULL);
		assert_int_equal(callers[i].came, i);
	}
	assert_int_equal(fake.opened, broken ? 6 : 1);
	assert_int_equal(stats_of(pool).active, 0);
	sr_pool_free(pool);
	assert_int_equal(fake.closed, fake.opened);
}

static void serves_waiters_in_order(void **state)
{
	(void)state;
	serve_in_order(false);
}

static void serves_waiters_in_order_with_new_connections(void **state)
{
	(void)state;
	serve_in_order(true);
}

static void *churn(void *arg)
{
	struct caller *caller = arg;
	void *conn;

	for (int i = 0; i < 2000; i++) {
		if (sr_pool_get(caller->pool, &conn, NULL) == 0)
			sr_pool_put(caller->pool, conn, false);
	}
	return NULL;
}

static void never_lends_more_than_the_limit(void **state)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	struct sr_pool *pool = make(fake, 3, 0, 30 * SR_S);
	struct caller callers[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		callers[i] = (struct caller){.pool = pool};
		assert_int_equal(pthread_create(&callers[i].thread, NULL, churn, &callers[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(callers[i].thread, NULL);
	assert_in_range(stats_of(pool).max_used, 1, 3);
	assert_in_range(fake->opened, 1, 3);
	assert_int_equal(stats_of(pool).active, 0);
	assert_int_equal(stats_of(pool).timeouts, 0);
	sr_pool_free(pool);
	assert_int_equal(fake->closed, fake->opened);
	free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_size_and_closes_overflow),
	    cmocka_unit_test(replaces_broken_and_dead_ones),
	    cmocka_unit_test(gives_the_place_back_when_opening_fails),
	    cmocka_unit_test(times_out),
	    cmocka_unit_test(serves_waiters_in_order),
	    cmocka_unit_test(serves_waiters_in_order_with_new_connections),
	    cmocka_unit_test(never_lends_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
