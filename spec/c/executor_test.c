/* Executors: what they hand out and when, when they end, what they refuse. Instants are given, not waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/host/executor.h"

#include <pthread.h>
#include <string.h>

#define START (1000 * SR_S)

static struct sr_load load_of(const char *name)
{
	struct sr_load load = {.executor = sr_executor_find(name), .users = 1};

	assert_non_null(load.executor);
	return load;
}

static void refused(const struct sr_load *load, const char *part)
{
	struct sr_error err = {0};

	assert_int_equal(sr_load_check(load, &err), -SR_EINVAL);
	if (!strstr(err.text, part))
		fail_msg("'%s' does not speak of '%s'", err.text, part);
}

static void accepted(const struct sr_load *load)
{
	struct sr_error err = {0};

	if (sr_load_check(load, &err))
		fail_msg("%s", err.text);
}

static int64_t arrival(const struct sr_load *load, int64_t number)
{
	return load->executor->arrival(load, number);
}

static void every_name_finds_its_executor(void **state)
{
	int i;

	(void)state;
	for (i = 0; sr_executor_at(i); i++) {
		const struct sr_executor *executor = sr_executor_at(i);

		assert_ptr_equal(sr_executor_find(executor->name), executor);
		assert_true(executor->arrival ? !executor->take && !executor->over : executor->take && executor->over);
	}
	assert_int_equal(i, 5);
	assert_null(sr_executor_find("per-project-iteration"));
}

static void per_project_iterations_hands_out_exactly_its_number(void **state)
{
	struct sr_load load = load_of("per-project-iterations");
	struct sr_schedule schedule = {.load = &load, .start = START};

	(void)state;
	load.iterations = 10;
	accepted(&load);
	assert_int_equal(load.executor->total(&load), 10);
	for (int64_t i = 1; i <= 10; i++) {
		assert_false(load.executor->over(&schedule, START + i));
		assert_int_equal(load.executor->take(&schedule, START + i), i);
	}
	assert_true(load.executor->over(&schedule, START));
	assert_int_equal(load.executor->take(&schedule, START), 0);
	load.iterations = 0;
	refused(&load, "iterations");
	load.iterations = 1;
	load.duration = SR_S;
	refused(&load, "constant-projects");
}

struct taker {
	struct sr_schedule schedule;
	int64_t taken;
};

static void *take_all(void *arg)
{
	struct taker *taker = arg;

	while (taker->schedule.load->executor->take(&taker->schedule, START))
		taker->taken++;
	return NULL;
}

static void shared_iterations_are_those_of_all_projects_together(void **state)
{
	struct sr_load load = load_of("shared-iterations");
	_Atomic int64_t shared = 0;
	struct taker takers[4];
	pthread_t threads[4];
	int64_t sum = 0;

	(void)state;
	load.iterations = 10000;
	accepted(&load);
	for (int i = 0; i < 4; i++) {
		takers[i] = (struct taker){.schedule = {.load = &load, .start = START, .shared = &shared}};
		assert_int_equal(pthread_create(&threads[i], NULL, take_all, &takers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(takers[i].schedule.handed, takers[i].taken); /* numbered from 1 in each project */
		assert_true(load.executor->over(&takers[i].schedule, START));
		sum += takers[i].taken;
	}
	assert_int_equal(sum, 10000);
	assert_int_equal(sr_schedule_total(&takers[0].schedule), -1);
	load.duration = SR_S;
	refused(&load, "takes no duration");
}

static void constant_projects_ends_with_its_duration(void **state)
{
	struct sr_load load = load_of("constant-projects");
	struct sr_schedule schedule = {.load = &load, .start = START};

	(void)state;
	load.duration = 10 * SR_S;
	accepted(&load);
	assert_int_equal(load.executor->take(&schedule, START), 1);
	assert_int_equal(load.executor->take(&schedule, START + load.duration - 1), 2);
	assert_false(load.executor->over(&schedule, START + load.duration - 1));
	assert_true(load.executor->over(&schedule, START + load.duration));
	assert_int_equal(load.executor->take(&schedule, START + load.duration), 0);
	assert_int_equal(sr_schedule_total(&schedule), -1);
	load.duration = 0;
	refused(&load, "duration");
}

static void constant_arrival_rate_is_exact(void **state)
{
	static const struct {
		double rate;
		int64_t duration, count;
	} cases[] = {
	    {100, 10 * SR_S, 1000},  {3, SR_S, 3},     {0.1, 10 * SR_S, 1},   {0.1, 30 * SR_S, 3},
	    {0.7, 10 * SR_S, 7},     {1000, SR_MS, 1}, {1000, 1, 1},          {7, 3 * SR_S, 21},
	    {333, 60 * SR_S, 19980}, {2.5, SR_S, 3},   {60, 60 * SR_S, 3600},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sr_load load = load_of("constant-arrival-rate");
		int64_t count = 0, last = -1;

		load.rate = cases[i].rate;
		load.duration = cases[i].duration;
		accepted(&load);
		while (arrival(&load, count + 1) >= 0) {
			int64_t due = arrival(&load, ++count);

			assert_true(due > last && due < load.duration);
			last = due;
		}
		assert_int_equal(count, cases[i].count);
		assert_int_equal(load.executor->total(&load), cases[i].count);
	}
}

static void constant_arrival_rate_does_not_drift(void **state)
{
	struct sr_load load = load_of("constant-arrival-rate");

	(void)state;
	load.rate = 100;
	load.duration = 24 * 3600 * SR_S;
	assert_int_equal(arrival(&load, 1), 0);
	assert_int_equal(arrival(&load, 2), 10 * SR_MS);
	assert_int_equal(arrival(&load, 8640000), 24 * 3600 * SR_S - 10 * SR_MS);
	assert_int_equal(arrival(&load, 8640001), -1);
}

static void ramping_arrival_rate_covers_the_area_of_its_stages(void **state)
{
	struct sr_load load = load_of("ramping-arrival-rate");
	int64_t count = 0, in_first = 0, in_second = 0, last = -1;

	(void)state;
	load.stages[0] = (struct sr_stage){10 * SR_S, 20}; /* 0 → 20: 100 */
	load.stages[1] = (struct sr_stage){5 * SR_S, 20};  /* 100 */
	load.stages[2] = (struct sr_stage){4 * SR_S, 0};   /* 20 → 0: 40 */
	load.stage_count = 3;
	accepted(&load);
	while (arrival(&load, count + 1) >= 0) {
		int64_t due = arrival(&load, ++count);

		assert_true(due > last);
		last = due;
		in_first += due < 10 * SR_S;
		in_second += due >= 10 * SR_S && due < 15 * SR_S;
	}
	assert_int_equal(count, 240);
	assert_int_equal(load.executor->total(&load), 240);
	assert_int_equal(in_first, 100);
	assert_int_equal(in_second, 100);
	assert_int_equal(arrival(&load, 1), 0);
	assert_int_equal(arrival(&load, 26), 5 * SR_S); /* a quarter of the area at half the time */
	assert_int_equal(arrival(&load, 101), 10 * SR_S);
	assert_int_equal(arrival(&load, 102), 10 * SR_S + 50 * SR_MS);
}

static void ramping_arrival_rate_begins_at_its_rate_and_may_rest(void **state)
{
	struct sr_load load = load_of("ramping-arrival-rate");

	(void)state;
	load.rate = 10;
	load.stages[0] = (struct sr_stage){SR_S, 10};
	load.stages[1] = (struct sr_stage){2 * SR_S, 0}; /* 10 → 0: 10 */
	load.stages[2] = (struct sr_stage){5 * SR_S, 0};
	load.stages[3] = (struct sr_stage){2 * SR_S, 4}; /* 0 → 4: 4 */
	load.stage_count = 4;
	accepted(&load);
	assert_int_equal(arrival(&load, 10), 900 * SR_MS);
	assert_int_equal(arrival(&load, 11), SR_S);
	assert_in_range(arrival(&load, 20), 2 * SR_S, 3 * SR_S - 1);
	assert_int_equal(arrival(&load, 21), 8 * SR_S); /* and none amid the rest */
	assert_in_range(arrival(&load, 24), 9 * SR_S, 10 * SR_S - 1);
	assert_int_equal(load.executor->total(&load), 24);
}

/* What the projects get, merged by place, is the load's own schedule: nothing twice, nothing left out. */
static void shared_arrivals_make_up_the_load(const struct sr_load *load, int parties)
{
	int64_t all = load->executor->total(load), sum = 0;

	for (int place = 0; place < parties; place++) {
		struct sr_schedule schedule = {.load = load, .start = START, .place = place, .parties = parties};
		int64_t total = sr_schedule_total(&schedule);

		for (int64_t number = 1; number <= total; number++)
			assert_int_equal(sr_schedule_arrival(&schedule, number),
					 arrival(load, (number - 1) * parties + place + 1));
		assert_int_equal(sr_schedule_arrival(&schedule, total + 1), -1);
		sum += total;
	}
	assert_int_equal(sum, all);
}

static void shared_arrivals_go_to_each_project_in_turn(void **state)
{
	struct sr_load constant = load_of("constant-arrival-rate"), ramping = load_of("ramping-arrival-rate");
	static const int parties[] = {1, 2, 3, 7, 99, 100, 101, 250};
	struct sr_schedule second = {.load = &constant, .place = 1, .parties = 5};

	(void)state;
	constant.shared = ramping.shared = true;
	constant.rate = 100;
	constant.duration = SR_S;
	ramping.stages[0] = (struct sr_stage){10 * SR_S, 20};
	ramping.stage_count = 1;
	accepted(&constant);
	accepted(&ramping);
	for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++) {
		shared_arrivals_make_up_the_load(&constant, parties[i]);
		shared_arrivals_make_up_the_load(&ramping, parties[i]);
	}
	assert_int_equal(sr_schedule_total(&second), 20);
	assert_int_equal(sr_schedule_arrival(&second, 1), 10 * SR_MS);
	assert_int_equal(sr_schedule_arrival(&second, 2), 60 * SR_MS);
	assert_int_equal(sr_schedule_arrival(&second, 20), 960 * SR_MS);
}

static void arrivals_that_are_not_shared_are_every_projects_own(void **state)
{
	struct sr_load load = load_of("constant-arrival-rate");
	struct sr_schedule second = {.load = &load, .place = 1, .parties = 5};

	(void)state;
	load.rate = 100;
	load.duration = SR_S;
	assert_int_equal(sr_schedule_total(&second), 100);
	assert_int_equal(sr_schedule_arrival(&second, 1), 0);
	assert_int_equal(sr_schedule_arrival(&second, 2), 10 * SR_MS);
}

static void only_arrivals_can_be_shared(void **state)
{
	(void)state;
	for (int i = 0; sr_executor_at(i); i++) {
		struct sr_load load = {.executor = sr_executor_at(i), .iterations = 1, .shared = true};

		if (!load.executor->arrival)
			refused(&load, "no arrivals");
	}
}

static void open_models_refuse_what_only_closed_ones_take(void **state)
{
	struct sr_load constant = load_of("constant-arrival-rate"), ramping = load_of("ramping-arrival-rate");

	(void)state;
	refused(&constant, "needs rate");
	constant.rate = 5;
	refused(&constant, "needs duration");
	constant.duration = SR_S;
	constant.iterations = 3;
	refused(&constant, "takes no iterations");
	constant.iterations = 0;
	constant.pacing = SR_S;
	refused(&constant, "takes no pacing");
	refused(&ramping, "needs stages");
	ramping.stages[0] = (struct sr_stage){SR_S, 0};
	ramping.stage_count = 1;
	refused(&ramping, "above 0");
	ramping.rate = 1;
	accepted(&ramping);
	ramping.duration = SR_S;
	refused(&ramping, "takes no duration");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_finds_its_executor),
	    cmocka_unit_test(per_project_iterations_hands_out_exactly_its_number),
	    cmocka_unit_test(shared_iterations_are_those_of_all_projects_together),
	    cmocka_unit_test(constant_projects_ends_with_its_duration),
	    cmocka_unit_test(constant_arrival_rate_is_exact),
	    cmocka_unit_test(constant_arrival_rate_does_not_drift),
	    cmocka_unit_test(ramping_arrival_rate_covers_the_area_of_its_stages),
	    cmocka_unit_test(ramping_arrival_rate_begins_at_its_rate_and_may_rest),
	    cmocka_unit_test(shared_arrivals_go_to_each_project_in_turn),
	    cmocka_unit_test(arrivals_that_are_not_shared_are_every_projects_own),
	    cmocka_unit_test(only_arrivals_can_be_shared),
	    cmocka_unit_test(open_models_refuse_what_only_closed_ones_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
