#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/base/error.h"

static int64_t parse(const char *text)
{
	int64_t ns = -1;

	assert_int_equal(sr_duration_parse(text, &ns), 0);
	return ns;
}

static void durations_are_exact(void **state)
{
	(void)state;
	assert_int_equal(parse("5ns"), 5);
	assert_int_equal(parse("10us"), 10 * SR_US);
	assert_int_equal(parse("200ms"), 200 * SR_MS);
	assert_int_equal(parse("1.5s"), 1500 * SR_MS);
	assert_int_equal(parse("2m"), 120 * SR_S);
	assert_int_equal(parse("1h"), 3600 * SR_S);
	assert_int_equal(parse("0s"), 0);
	assert_int_equal(parse("0.000000001s"), 1);
	assert_int_equal(parse("0.1s"), 100 * SR_MS);
	assert_int_equal(parse("0.25h"), 900 * SR_S);
	assert_int_equal(parse("1.0000000000000000000000001ns"), 1);
	assert_int_equal(parse("9223372036854775806ns"), SR_NEVER - 1);
	assert_int_equal(parse("9223372036.854775806s"), SR_NEVER - 1);
}

static void what_is_not_a_duration_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "5",
	    "s",
	    "-1s",
	    "+1s",
	    " 1s",
	    "1 s",
	    "1s ",
	    "1sec",
	    ".5s",
	    "1.s",
	    "1.2.3s",
	    "1,5s",
	    "0x10s",
	    "1e3s",
	    "1M",
	    "1d",
	    "9223372036854775807ns",
	    "2562048h",
	    "99999999999999999999ns",
	    "9223372036.854775807s",
	    "nan",
	    "infs",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t ns = 42;

		assert_int_equal(sr_duration_parse(wrong[i], &ns), -SR_EINVAL);
		assert_int_equal(ns, 42);
	}
}

static void wall_times_are_written_in_utc(void **state)
{
	char out[25];

	(void)state;
	sr_wall_format(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00.000Z");
	sr_wall_format(INT64_C(1795435200) * SR_S + 7 * SR_MS + 999999, out);
	assert_string_equal(out, "2026-11-23T12:00:00.007Z");
	sr_wall_format(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	sr_wall_format(INT64_C(951782400) * SR_S, out);
	assert_string_equal(out, "2000-02-29T00:00:00.000Z");
}

static void clocks_do_not_go_back(void **state)
{
	int64_t now = sr_now(), cpu = sr_thread_cpu();

	(void)state;
	assert_true(now > 0);
	for (int i = 0; i < 1000; i++) {
		int64_t next = sr_now();

		assert_true(next >= now);
		now = next;
	}
	assert_true(sr_thread_cpu() > cpu);
	assert_true(sr_wall_now() > INT64_C(1700000000) * SR_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_exact),
	    cmocka_unit_test(what_is_not_a_duration_is_refused),
	    cmocka_unit_test(wall_times_are_written_in_utc),
	    cmocka_unit_test(clocks_do_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
