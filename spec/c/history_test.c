#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/engine/history.h"
#include "scalerun/engine/history_check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sr_text text(const char *string)
{
	return (struct sr_text){string, strlen(string)};
}

static void add(struct sr_history *history, const char *f, const char *key, const char *output, int64_t started,
		int64_t ended)
{
	struct sr_history_op op = {
	    .scheduled = started,
	    .started = started,
	    .ended = ended,
	    .user = 1,
	    .iteration = 1,
	    .attempt = 1,
	    .kind = "id",
	    .f = f,
	    .error = "",
	    .replica = "",
	    .key = text(key),
	    .output = text(output),
	};

	sr_history_add(history, &op);
}

static struct sr_history *labelled(struct sr_history_budget *budget, const char *project)
{
	struct sr_history *history = sr_history_new(budget);
	struct sr_history_labels labels = {.project = project};

	assert_non_null(history);
	assert_int_equal(sr_history_label(history, &labels), 0);
	return history;
}

static void what_does_not_fit_the_memory_is_read_from_disk(void **state)
{
	enum { OPS = 100000 };
	struct sr_history_budget budget = {.most = 600 << 10};
	struct sr_history *history = labelled(&budget, "alpha");
	const struct sr_history *parts[] = {history};
	struct sr_history_query query = {.parts = parts, .count = 1};
	struct sr_history_walk walk;
	struct sr_history_op op;
	struct sr_error err;
	char *seen = calloc(OPS, 1);
	int count = 0;

	(void)state;
	for (int i = 0; i < OPS; i++) {
		char output[32];

		snprintf(output, sizeof(output), "\"US-%03d\"", i);
		add(history, i % 2 ? "allocate" : "check", "US", output, i, i + 1);
		assert_true(atomic_load(&budget.used) <= budget.most);
	}
	assert_int_equal(sr_history_seal(history, &err), 0);
	assert_true(sr_history_spilled(history) > 1 << 20);
	assert_int_equal(sr_history_count(history), OPS);
	assert_int_equal(sr_history_lost(history), 0);
	sr_history_walk_begin(&walk, &query);
	while (sr_history_walk_next(&walk, &op)) {
		char output[32];

		assert_in_range(op.started, 0, OPS - 1);
		assert_false(seen[op.started]);
		seen[op.started] = 1;
		snprintf(output, sizeof(output), "\"US-%03d\"", (int)op.started);
		assert_int_equal(op.output.len, strlen(output));
		assert_memory_equal(op.output.data, output, op.output.len);
		assert_string_equal(op.f, op.started % 2 ? "allocate" : "check");
		count++;
	}
	assert_int_equal(count, OPS);
	assert_false(sr_history_walk_next(&walk, &op));
	free(seen);
	sr_history_free(history);
	assert_int_equal(atomic_load(&budget.used), 0);
}

static void what_cannot_be_spilled_is_counted(void **state)
{
	struct sr_history_budget budget = {.most = 300 << 10};
	struct sr_history *history = labelled(&budget, "alpha");
	char long_text[2000], too_long[SR_HISTORY_TEXT_MAX + 2];

	(void)state;
	memset(long_text, '1', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	memset(too_long, '1', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = 0;
	setenv("TMPDIR", "/nonexistent/folder", 1);
	for (int i = 0; i < 1000; i++)
		add(history, "check", "", long_text, i, i);
	unsetenv("TMPDIR");
	assert_true(sr_history_lost(history) > 0);
	assert_int_equal(sr_history_count(history) + sr_history_lost(history), 1000);
	sr_history_free(history);

	history = labelled(&budget, "alpha");
	add(history, "check", "", too_long, 0, 0);
	assert_int_equal(sr_history_lost(history), 1);
	sr_history_seal(history, NULL);
	add(history, "check", "", "1", 0, 0);
	assert_int_equal(sr_history_lost(history), 2);
	sr_history_free(history);
}

static void values_of_outputs(void **state)
{
	static const struct {
		const char *json;
		const char *values[4];
	} cases[] = {
	    {"[\"US-001\",\"US-002\"]", {"US-001", "US-002"}},
	    {"\"US-001\"", {"US-001"}},
	    {"17", {"17"}},
	    {"[1,[2,\"]\"],{\"a\":\",\"}]", {"1", NULL}},
	    {"[]", {NULL}},
	    {"", {NULL}},
	    {"\"a\\\"b\"", {"a\\\"b"}},
	    {"\"cut", {"cut"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sr_text value;
		size_t pos = 0;

		for (int n = 0; cases[i].values[n]; n++) {
			assert_true(sr_history_value(text(cases[i].json), &pos, &value));
			assert_int_equal(value.len, strlen(cases[i].values[n]));
			assert_memory_equal(value.data, cases[i].values[n], value.len);
		}
		if (i != 3)
			assert_false(sr_history_value(text(cases[i].json), &pos, &value));
	}
}

static void outcomes_of_errors(void **state)
{
	(void)state;
	assert_int_equal(sr_history_outcome(""), SR_HISTORY_OK);
	assert_int_equal(sr_history_outcome("http 404"), SR_HISTORY_REFUSED);
	assert_int_equal(sr_history_outcome("connect"), SR_HISTORY_REFUSED);
	assert_int_equal(sr_history_outcome("http 408"), SR_HISTORY_UNKNOWN);
	assert_int_equal(sr_history_outcome("http 503"), SR_HISTORY_UNKNOWN);
	assert_int_equal(sr_history_outcome("timeout"), SR_HISTORY_UNKNOWN);
	assert_int_equal(sr_history_outcome("closed"), SR_HISTORY_UNKNOWN);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* The sweep must say what looking at all pairs says. */
static void the_order_is_as_all_pairs_say(void **state)
{
	enum { OPS = 60, ROUNDS = 300 };
	static struct sr_findings findings;
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct sr_history_budget budget = {.most = 1 << 20};
		struct sr_history *history = labelled(&budget, "alpha");
		const struct sr_history *parts[] = {history};
		struct sr_history_query query = {.parts = parts, .count = 1};
		int64_t started[OPS], ended[OPS], id[OPS];
		int wrong = 0, judged = 0;

		for (int i = 0; i < OPS; i++) {
			char output[32];

			started[i] = (int64_t)(next_random(&seed) % 100);
			ended[i] = started[i] + (int64_t)(next_random(&seed) % 20);
			id[i] = 100 + started[i] * 2 + (int64_t)(next_random(&seed) % 40);
			snprintf(output, sizeof(output), "\"US-%lld\"", (long long)id[i]);
			add(history, "allocate", i % 3 ? "US" : "EPIC", output, started[i], ended[i]);
		}
		for (int i = 0; i < OPS; i++) {
			int before = 0, larger = 0;

			for (int j = 0; j < OPS; j++) {
				if (!(i % 3) == !(j % 3) && ended[j] < started[i]) {
					before = 1;
					larger |= id[j] >= id[i];
				}
			}
			judged += before;
			wrong += larger;
		}
		sr_history_seal(history, NULL);
		assert_int_equal(sr_history_real_time_order(&query, false, &findings), 0);
		assert_int_equal(findings.total, wrong);
		assert_int_equal(findings.looked_at, judged);
		sr_history_free(history);
	}
}

static void many_findings_are_counted_and_some_kept(void **state)
{
	struct sr_history_budget budget = {.most = 1 << 20};
	struct sr_history *history = labelled(&budget, "alpha");
	const struct sr_history *parts[] = {history};
	struct sr_history_query query = {.parts = parts, .count = 1};
	static struct sr_findings findings;

	(void)state;
	for (int i = 0; i < 500; i++)
		add(history, "allocate", "US", "\"US-001\"", i, i);
	sr_history_seal(history, NULL);
	assert_int_equal(sr_history_unique(&query, false, &findings), 0);
	assert_int_equal(findings.total, 499);
	assert_int_equal(findings.kept, SR_FINDINGS_MAX);
	assert_int_equal(findings.distinct, 1);
	assert_int_equal(findings.list[7].other.started, 0);
	assert_int_equal(findings.list[7].op.started, 8);
	assert_int_equal(sr_history_sequence(&query, "US-", 1, INT64_C(1) << 40, &findings), -SR_ELIMIT);
	sr_history_free(history);
}

static void too_many_different_words_become_one(void **state)
{
	struct sr_history_budget budget = {.most = 64 << 20};
	struct sr_history *history = labelled(&budget, "alpha");
	const struct sr_history *parts[] = {history};
	struct sr_history_query query = {.parts = parts, .count = 1, .f = "other"};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int others = 0;

	(void)state;
	for (int i = 0; i < 70000; i++) {
		char f[16];

		snprintf(f, sizeof(f), "f%d", i);
		add(history, f, "", "1", i, i);
	}
	sr_history_seal(history, NULL);
	assert_int_equal(sr_history_count(history), 70000);
	sr_history_walk_begin(&walk, &query);
	while (sr_history_walk_next(&walk, &op))
		others++;
	assert_in_range(others, 1, 20000);
	query.f = "f59";
	sr_history_walk_begin(&walk, &query);
	assert_true(sr_history_walk_next(&walk, &op));
	assert_int_equal(op.started, 59);
	assert_false(sr_history_walk_next(&walk, &op));
	sr_history_free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_does_not_fit_the_memory_is_read_from_disk),
	    cmocka_unit_test(what_cannot_be_spilled_is_counted),
	    cmocka_unit_test(values_of_outputs),
	    cmocka_unit_test(outcomes_of_errors),
	    cmocka_unit_test(the_order_is_as_all_pairs_say),
	    cmocka_unit_test(many_findings_are_counted_and_some_kept),
	    cmocka_unit_test(too_many_different_words_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
