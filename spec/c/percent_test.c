/* Percent escapes: whole ones are read, anything else is told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/percent.h"

#include <stdio.h>
#include <string.h>

static void every_byte_is_read_in_either_case(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		char lower[8], upper[8];

		snprintf(lower, sizeof(lower), "%%%02x", (unsigned)byte);
		snprintf(upper, sizeof(upper), "%%%02Xx", (unsigned)byte);
		assert_int_equal(sr_percent_byte(lower, strlen(lower)), byte);
		assert_int_equal(sr_percent_byte(upper, strlen(upper)), byte);
	}
}

static void what_is_no_escape_is_told_apart(void **state)
{
	static const char *const wrong[] = {"",     "%",   "%4",   "%g1", "%1g", "%-1", "% 1",
					    "%%41", "41%", "a%41", "%:0", "%@0", "%`0"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(sr_percent_byte(wrong[i], strlen(wrong[i])), -1);
}

static void nothing_is_read_past_the_length(void **state)
{
	(void)state;
	assert_int_equal(sr_percent_byte("%41", 2), -1);
	assert_int_equal(sr_percent_byte("%41", 3), 'A');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_byte_is_read_in_either_case),
	    cmocka_unit_test(what_is_no_escape_is_told_apart),
	    cmocka_unit_test(nothing_is_read_past_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
