#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/base/hist.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define HOUR (3600 * SR_S)

/* xorshift64*, so that every run sees the same data. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* Log-uniform from 1 µs to 1 h: every bucket gets its share. */
static int64_t random_duration(uint64_t *seed)
{
	double u = (double)(next_random(seed) >> 11) / 9007199254740992.0;

	return (int64_t)(1000.0 * pow(3.6e9, u));
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void an_empty_histogram_is_all_zero(void **state)
{
	struct sr_hist *hist = sr_hist_new();

	(void)state;
	assert_int_equal(sr_hist_count(hist), 0);
	assert_int_equal(sr_hist_min(hist), 0);
	assert_int_equal(sr_hist_max(hist), 0);
	assert_int_equal(sr_hist_percentile(hist, 50), 0);
	assert_true(sr_hist_mean(hist) == 0.0);
	assert_true(sr_hist_stddev(hist) == 0.0);
	sr_hist_free(hist);
}

static void percentiles_match_sorted_data(void **state)
{
	enum { N = 100000 };
	static const double asked[] = {0, 0.001, 1, 10, 25, 33.3, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100};
	int64_t *values = malloc(N * sizeof(*values));
	struct sr_hist *hist = sr_hist_new();
	uint64_t seed = 42;
	double sum = 0, squares = 0, mean;

	(void)state;
	for (int i = 0; i < N; i++) {
		values[i] = random_duration(&seed);
		sr_hist_record(hist, values[i]);
		sum += (double)values[i];
	}
	mean = sum / N;
	for (int i = 0; i < N; i++)
		squares += ((double)values[i] - mean) * ((double)values[i] - mean);
	qsort(values, N, sizeof(*values), compare);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		int64_t rank = (int64_t)ceil(asked[i] * N / 100.0 - 1e-6);
		int64_t exact = values[rank < 1 ? 0 : rank - 1];
		int64_t got = sr_hist_percentile(hist, asked[i]);

		assert_true(got >= exact);
		assert_true((double)(got - exact) <= 0.001 * (double)exact);
	}
	assert_int_equal(sr_hist_count(hist), N);
	assert_int_equal(sr_hist_min(hist), values[0]);
	assert_int_equal(sr_hist_max(hist), values[N - 1]);
	assert_true(fabs(sr_hist_mean(hist) - mean) <= 1e-9 * mean);
	assert_true(fabs(sr_hist_stddev(hist) - sqrt(squares / N)) <= 0.001 * sqrt(squares / N));
	sr_hist_free(hist);
	free(values);
}

static void a_percentile_asks_for_no_value_too_many(void **state)
{
	struct sr_hist *hist = sr_hist_new();

	(void)state;
	for (int i = 1; i <= 1000; i++)
		sr_hist_record(hist, 1000 + i); /* cells of 1 ns: percentiles are exact */
	for (int tenths = 1; tenths <= 1000; tenths++)
		assert_int_equal(sr_hist_percentile(hist, tenths / 10.0), 1000 + tenths);
	assert_int_equal(sr_hist_percentile(hist, 0), 1001);
	assert_int_equal(sr_hist_percentile(hist, -5), 1001);
	assert_int_equal(sr_hist_percentile(hist, 500), 2000);
	assert_int_equal(sr_hist_percentile(hist, (double)NAN), 1001);
	sr_hist_free(hist);
}

static void one_value_is_reported_exactly(void **state)
{
	struct sr_hist *hist = sr_hist_new();

	(void)state;
	sr_hist_record_n(hist, 123456789, 10);
	assert_int_equal(sr_hist_count(hist), 10);
	assert_int_equal(sr_hist_percentile(hist, 1), 123456789);
	assert_int_equal(sr_hist_percentile(hist, 100), 123456789);
	assert_true(sr_hist_mean(hist) == 123456789.0);
	assert_true(sr_hist_stddev(hist) == 0.0);
	sr_hist_free(hist);
}

static void values_outside_the_range_are_held_at_its_ends(void **state)
{
	struct sr_hist *hist = sr_hist_new();

	(void)state;
	sr_hist_record(hist, -7);
	sr_hist_record(hist, 0);
	sr_hist_record(hist, 999);
	assert_int_equal(sr_hist_saturated(hist), 0);
	assert_int_equal(sr_hist_max(hist), SR_US);
	sr_hist_record(hist, HOUR);
	assert_int_equal(sr_hist_saturated(hist), 0);
	sr_hist_record_n(hist, HOUR + 1, 2);
	sr_hist_record(hist, INT64_MAX);
	sr_hist_record_n(hist, SR_S, 0);
	sr_hist_record_n(hist, SR_S, -3);
	assert_int_equal(sr_hist_saturated(hist), 3);
	assert_int_equal(sr_hist_count(hist), 7);
	assert_int_equal(sr_hist_min(hist), SR_US);
	assert_int_equal(sr_hist_max(hist), HOUR);
	assert_int_equal(sr_hist_percentile(hist, 100), HOUR);
	sr_hist_free(hist);
}

struct visited {
	int64_t count, last_high;
	int cells;
};

static void visit(void *arg, int64_t low, int64_t high, int64_t count)
{
	struct visited *seen = arg;

	assert_true(low > seen->last_high);
	assert_true(high >= low);
	assert_true((double)(high - low) <= 0.001 * (double)low);
	assert_true(count > 0);
	seen->last_high = high;
	seen->count += count;
	seen->cells++;
}

/* Around every power of two, where buckets meet. */
static void every_value_lies_in_its_own_cell(void **state)
{
	struct sr_hist *hist = sr_hist_new();
	int64_t recorded = 0;

	(void)state;
	for (int64_t power = 1024; power < HOUR; power *= 2) {
		for (int64_t value = power - 2; value <= power + 2; value++) {
			struct sr_hist *one = sr_hist_new();
			struct visited seen = {0};

			sr_hist_record(one, value);
			sr_hist_visit(one, visit, &seen);
			assert_int_equal(seen.cells, 1);
			assert_true(value <= seen.last_high);
			sr_hist_free(one);
			sr_hist_record(hist, value);
			recorded++;
		}
	}
	struct visited all = {0};

	sr_hist_visit(hist, visit, &all);
	assert_int_equal(all.count, recorded);
	sr_hist_free(hist);
}

struct cells {
	int64_t low[4096], count[4096];
	int n;
};

static void collect(void *arg, int64_t low, int64_t high, int64_t count)
{
	struct cells *cells = arg;

	(void)high;
	assert_true(cells->n < 4096);
	cells->low[cells->n] = low;
	cells->count[cells->n++] = count;
}

static void assert_same(const struct sr_hist *a, const struct sr_hist *b)
{
	struct cells x = {.n = 0}, y = {.n = 0};

	sr_hist_visit(a, collect, &x);
	sr_hist_visit(b, collect, &y);
	assert_int_equal(x.n, y.n);
	assert_memory_equal(x.low, y.low, (size_t)x.n * sizeof(x.low[0]));
	assert_memory_equal(x.count, y.count, (size_t)x.n * sizeof(x.count[0]));
	assert_int_equal(sr_hist_count(a), sr_hist_count(b));
	assert_int_equal(sr_hist_saturated(a), sr_hist_saturated(b));
	assert_int_equal(sr_hist_min(a), sr_hist_min(b));
	assert_int_equal(sr_hist_max(a), sr_hist_max(b));
	assert_true(sr_hist_mean(a) == sr_hist_mean(b));
	assert_true(sr_hist_stddev(a) == sr_hist_stddev(b));
}

static void merging_equals_recording_in_one(void **state)
{
	struct sr_hist *all = sr_hist_new(), *parts[5], *merged = sr_hist_new(), *fresh = sr_hist_new();
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 5; i++)
		parts[i] = sr_hist_new();
	for (int i = 0; i < 3000; i++) {
		int64_t value = i % 100 == 99 ? 2 * HOUR : random_duration(&seed);

		sr_hist_record(all, value);
		sr_hist_record(parts[i % 4], value); /* the fifth stays empty */
	}
	for (int i = 4; i >= 0; i--)
		sr_hist_merge(merged, parts[i]);
	assert_same(all, merged);

	sr_hist_reset(merged);
	assert_same(merged, fresh);
	sr_hist_record(merged, SR_MS);
	sr_hist_record(fresh, SR_MS);
	assert_same(merged, fresh);
	for (int i = 0; i < 5; i++)
		sr_hist_free(parts[i]);
	sr_hist_free(all);
	sr_hist_free(merged);
	sr_hist_free(fresh);
}

enum { RECORDS = 300000 };

struct reader {
	const struct sr_hist *hist;
	_Atomic int done;
	int backwards, torn;
};

static void *read_all_along(void *arg)
{
	struct reader *reader = arg;
	int64_t before = 0;

	while (!atomic_load(&reader->done)) {
		int64_t count = sr_hist_count(reader->hist);
		int64_t p50 = sr_hist_percentile(reader->hist, 50);

		reader->backwards += count < before;
		reader->torn += count > RECORDS || p50 < 0 || p50 > HOUR;
		before = count;
	}
	return NULL;
}

static void another_thread_may_read_while_one_writes(void **state)
{
	struct sr_hist *hist = sr_hist_new();
	struct reader reader = {.hist = hist};
	uint64_t seed = 3;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_all_along, &reader), 0);
	for (int i = 0; i < RECORDS; i++)
		sr_hist_record(hist, SR_US + (int64_t)(next_random(&seed) % (uint64_t)SR_S));
	atomic_store(&reader.done, 1);
	pthread_join(thread, NULL);
	assert_int_equal(reader.backwards, 0);
	assert_int_equal(reader.torn, 0);
	assert_int_equal(sr_hist_count(hist), RECORDS);
	sr_hist_free(hist);
}

static void copy_cell(void *arg, int64_t low, int64_t high, int64_t count)
{
	(void)high;
	sr_hist_record_n(arg, low, count);
}

/* Written down cell by cell and put together again, nothing is lost. */
static void a_histogram_is_the_same_from_its_cells(void **state)
{
	struct sr_hist *hist = sr_hist_new(), *copy = sr_hist_new();
	struct sr_hist_exact exact;
	uint64_t seed = 11;

	(void)state;
	sr_hist_exact(hist, &exact);
	assert_int_equal(sr_hist_set_exact(copy, &exact), -1); /* there is nothing to set it for */
	for (int i = 0; i < 10000; i++)
		sr_hist_record(hist, (int64_t)(next_random(&seed) % (uint64_t)(10 * SR_S)));
	sr_hist_record(hist, INT64_MAX);
	sr_hist_visit(hist, copy_cell, copy);
	sr_hist_exact(hist, &exact);
	assert_int_equal(sr_hist_set_exact(copy, &exact), 0);
	assert_int_equal(sr_hist_count(copy), sr_hist_count(hist));
	assert_int_equal(sr_hist_min(copy), sr_hist_min(hist));
	assert_int_equal(sr_hist_max(copy), sr_hist_max(hist));
	assert_int_equal(sr_hist_saturated(copy), 1);
	assert_true(sr_hist_mean(copy) == sr_hist_mean(hist));
	assert_true(sr_hist_stddev(copy) == sr_hist_stddev(hist));
	for (int percent = 0; percent <= 100; percent++)
		assert_int_equal(sr_hist_percentile(copy, percent), sr_hist_percentile(hist, percent));
	exact.max = 20 * SR_S;
	assert_int_equal(sr_hist_set_exact(copy, &exact), -1);
	sr_hist_free(hist);
	sr_hist_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_histogram_is_all_zero),
	    cmocka_unit_test(percentiles_match_sorted_data),
	    cmocka_unit_test(a_percentile_asks_for_no_value_too_many),
	    cmocka_unit_test(one_value_is_reported_exactly),
	    cmocka_unit_test(values_outside_the_range_are_held_at_its_ends),
	    cmocka_unit_test(every_value_lies_in_its_own_cell),
	    cmocka_unit_test(merging_equals_recording_in_one),
	    cmocka_unit_test(a_histogram_is_the_same_from_its_cells),
	    cmocka_unit_test(another_thread_may_read_while_one_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
