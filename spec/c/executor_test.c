/* Executors: what they hand out, when they end, what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/host/executor.h"

#include <string.h>

static void every_name_finds_its_executor(void **state)
{
	int i;

	(void)state;
	for (i = 0; sr_executor_at(i); i++)
		assert_ptr_equal(sr_executor_find(sr_executor_at(i)->name), sr_executor_at(i));
	assert_int_not_equal(i, 0);
	assert_null(sr_executor_find("per-project-iteration"));
}

static void per_project_iterations_hands_out_exactly_its_number(void **state)
{
	struct sr_load load = {.executor = sr_executor_find("per-project-iterations"), .users = 3, .iterations = 10};
	struct sr_schedule schedule = {.load = &load, .start = sr_now()};
	struct sr_error err;
	int64_t scheduled;

	(void)state;
	assert_int_equal(load.executor->check(&load, &err), 0);
	for (int64_t i = 1; i <= 10; i++)
		assert_int_equal(load.executor->next(&schedule, (int)(i % 3), &scheduled), i);
	for (int user = 0; user < 3; user++)
		assert_int_equal(load.executor->next(&schedule, user, &scheduled), 0);
}

static void per_project_iterations_needs_a_number_and_no_duration(void **state)
{
	struct sr_load load = {.executor = sr_executor_find("per-project-iterations"), .users = 1};
	struct sr_error err;

	(void)state;
	assert_int_equal(load.executor->check(&load, &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "iterations"));
	load.iterations = 1;
	load.duration = SR_S;
	assert_int_equal(load.executor->check(&load, &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "constant-projects"));
}

static void constant_projects_ends_with_its_duration(void **state)
{
	struct sr_load load = {.executor = sr_executor_find("constant-projects"), .users = 1, .duration = 3600 * SR_S};
	struct sr_schedule schedule = {.load = &load, .start = sr_now()};
	struct sr_error err;
	int64_t scheduled;

	(void)state;
	assert_int_equal(load.executor->check(&load, &err), 0);
	assert_int_equal(load.executor->next(&schedule, 1, &scheduled), 1);
	assert_int_equal(load.executor->next(&schedule, 1, &scheduled), 2);
	schedule.start -= load.duration;
	assert_int_equal(load.executor->next(&schedule, 1, &scheduled), 0);
	load.duration = 0;
	assert_int_equal(load.executor->check(&load, &err), -SR_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_finds_its_executor),
	    cmocka_unit_test(per_project_iterations_hands_out_exactly_its_number),
	    cmocka_unit_test(per_project_iterations_needs_a_number_and_no_duration),
	    cmocka_unit_test(constant_projects_ends_with_its_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
