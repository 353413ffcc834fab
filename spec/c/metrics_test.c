#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/base/error.h"
#include "scalerun/base/metrics.h"

#include <stdio.h>
#include <string.h>

struct errors {
	char text[4096];
	int64_t total;
	int kinds;
};

static void collect(void *arg, const char *kind, int64_t count)
{
	struct errors *errors = arg;
	size_t len = strlen(errors->text);

	snprintf(errors->text + len, sizeof(errors->text) - len, "%s=%lld ", kind, (long long)count);
	errors->total += count;
	errors->kinds++;
}

static void operations_are_counted_by_outcome(void **state)
{
	struct sr_metrics *metrics = sr_metrics_new();
	struct errors errors = {.total = 0};
	char name[] = "http.get";
	int get, put;

	(void)state;
	get = sr_metrics_series(metrics, name);
	put = sr_metrics_series(metrics, "http.put");
	assert_int_equal(get, 0);
	assert_int_equal(put, 1);
	name[0] = 'X'; /* the name was copied */
	assert_int_equal(sr_metrics_series(metrics, "http.get"), get);
	assert_int_equal(sr_metrics_count(metrics), 2);
	assert_string_equal(sr_metrics_name(metrics, get), "http.get");

	sr_metrics_ok(metrics, get, 3 * SR_MS);
	sr_metrics_ok(metrics, get, 5 * SR_MS);
	sr_metrics_failed(metrics, get, 10 * SR_MS, "timeout");
	sr_metrics_failed(metrics, get, 1 * SR_MS, "http 429");
	sr_metrics_failed(metrics, get, 1 * SR_MS, "timeout");
	assert_int_equal(sr_metrics_count_ok(metrics, get), 2);
	assert_int_equal(sr_metrics_count_failed(metrics, get), 3);
	assert_int_equal(sr_metrics_count_ok(metrics, put), 0);
	assert_int_equal(sr_hist_count(sr_metrics_hist(metrics, get)), 5);
	assert_int_equal(sr_hist_max(sr_metrics_hist(metrics, get)), 10 * SR_MS);
	sr_metrics_errors(metrics, get, collect, &errors);
	assert_string_equal(errors.text, "timeout=2 http 429=1 ");
	sr_metrics_free(metrics);
}

static void too_many_series_are_refused(void **state)
{
	struct sr_metrics *metrics = sr_metrics_new();
	char name[32];

	(void)state;
	for (int i = 0; i < 4096; i++) {
		snprintf(name, sizeof(name), "series %d", i);
		assert_int_equal(sr_metrics_series(metrics, name), i);
	}
	assert_int_equal(sr_metrics_series(metrics, "one more"), -SR_ELIMIT);
	for (int i = 0; i < 4096; i++) {
		snprintf(name, sizeof(name), "series %d", i);
		assert_int_equal(sr_metrics_series(metrics, name), i);
		assert_string_equal(sr_metrics_name(metrics, i), name);
	}
	sr_metrics_free(metrics);
}

static void kinds_past_the_limit_count_as_other(void **state)
{
	struct sr_metrics *metrics = sr_metrics_new();
	struct errors errors = {.total = 0};
	int id = sr_metrics_series(metrics, "op");

	(void)state;
	sr_metrics_failed(metrics, id, SR_MS, "other");
	for (int i = 0; i < 100; i++) {
		char kind[16];

		snprintf(kind, sizeof(kind), "kind %d", i);
		sr_metrics_failed(metrics, id, SR_MS, kind);
	}
	sr_metrics_errors(metrics, id, collect, &errors);
	assert_int_equal(errors.kinds, 65);
	assert_int_equal(errors.total, 101);
	assert_non_null(strstr(errors.text, "kind 63=1 other=37 "));
	sr_metrics_free(metrics);
}

static void merging_adds_series_by_name(void **state)
{
	struct sr_metrics *a = sr_metrics_new(), *b = sr_metrics_new();
	struct errors errors = {.total = 0};
	int id;

	(void)state;
	sr_metrics_ok(a, sr_metrics_series(a, "one"), 1 * SR_MS);
	sr_metrics_failed(a, sr_metrics_series(a, "two"), 2 * SR_MS, "closed");
	sr_metrics_ok(b, sr_metrics_series(b, "two"), 4 * SR_MS);
	sr_metrics_failed(b, sr_metrics_series(b, "two"), 6 * SR_MS, "closed");
	sr_metrics_failed(b, sr_metrics_series(b, "two"), 6 * SR_MS, "dns");
	sr_metrics_ok(b, sr_metrics_series(b, "three"), 8 * SR_MS);

	assert_int_equal(sr_metrics_merge(a, b), 0);
	assert_int_equal(sr_metrics_count(a), 3);
	id = sr_metrics_series(a, "two");
	assert_int_equal(sr_metrics_count_ok(a, id), 1);
	assert_int_equal(sr_metrics_count_failed(a, id), 3);
	assert_int_equal(sr_hist_count(sr_metrics_hist(a, id)), 4);
	assert_int_equal(sr_hist_min(sr_metrics_hist(a, id)), 2 * SR_MS);
	assert_int_equal(sr_hist_max(sr_metrics_hist(a, id)), 6 * SR_MS);
	sr_metrics_errors(a, id, collect, &errors);
	assert_string_equal(errors.text, "closed=2 dns=1 ");
	assert_int_equal(sr_metrics_count_ok(a, sr_metrics_series(a, "one")), 1);
	assert_int_equal(sr_metrics_count_ok(a, sr_metrics_series(a, "three")), 1);
	assert_int_equal(sr_metrics_count(b), 2);
	sr_metrics_free(a);
	sr_metrics_free(b);
	sr_metrics_free(NULL);
}

static void a_second_histogram_counts_from_the_schedule(void **state)
{
	struct sr_metrics *metrics = sr_metrics_new(), *sum = sr_metrics_new(), *plain = sr_metrics_new();
	int op = sr_metrics_series(metrics, "op");

	(void)state;
	sr_metrics_ok(metrics, op, 3 * SR_MS);
	sr_metrics_record(metrics, op, 3 * SR_MS, 0, NULL);
	assert_null(sr_metrics_scheduled(metrics, op));
	sr_metrics_record(metrics, op, 5 * SR_MS, 20 * SR_MS, "timeout");
	sr_metrics_record(metrics, op, 4 * SR_MS, -1 * SR_MS, NULL); /* nothing begins before its schedule */
	assert_int_equal(sr_metrics_count_ok(metrics, op), 3);
	assert_int_equal(sr_metrics_count_failed(metrics, op), 1);
	assert_int_equal(sr_hist_max(sr_metrics_hist(metrics, op)), 5 * SR_MS);
	assert_int_equal(sr_hist_count(sr_metrics_scheduled(metrics, op)), 4);
	assert_int_equal(sr_hist_max(sr_metrics_scheduled(metrics, op)), 25 * SR_MS);
	assert_int_equal(sr_hist_min(sr_metrics_scheduled(metrics, op)), 3 * SR_MS);

	/* Merged with what has none, in either order, each operation counts once. */
	sr_metrics_ok(plain, sr_metrics_series(plain, "op"), 7 * SR_MS);
	assert_int_equal(sr_metrics_merge(sum, plain), 0);
	assert_int_equal(sr_metrics_merge(sum, metrics), 0);
	assert_int_equal(sr_metrics_merge(sum, plain), 0);
	assert_int_equal(sr_hist_count(sr_metrics_hist(sum, 0)), 6);
	assert_int_equal(sr_hist_count(sr_metrics_scheduled(sum, 0)), 6);
	assert_int_equal(sr_hist_max(sr_metrics_scheduled(sum, 0)), 25 * SR_MS);
	sr_metrics_free(metrics);
	sr_metrics_free(sum);
	sr_metrics_free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_second_histogram_counts_from_the_schedule),
	    cmocka_unit_test(operations_are_counted_by_outcome),
	    cmocka_unit_test(too_many_series_are_refused),
	    cmocka_unit_test(kinds_past_the_limit_count_as_other),
	    cmocka_unit_test(merging_adds_series_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
