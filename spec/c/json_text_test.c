/* Texts as JSON strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/error.h"
#include "scalerun/base/json_text.h"

#include <string.h>

static void is_quoted(const char *text, size_t len, const char *expected)
{
	struct sr_buf buf;

	sr_buf_init(&buf, 100);
	assert_int_equal(sr_json_quote(&buf, text, len), 0);
	assert_string_equal(sr_buf_cstr(&buf), expected);
	sr_buf_deinit(&buf);
}

static void what_json_forbids_is_escaped(void **state)
{
	(void)state;
	is_quoted("", 0, "\"\"");
	is_quoted("a\"b\\c\nd\te\0f", 11, "\"a\\\"b\\\\c\\nd\\u0009e\\u0000f\"");
	is_quoted("caf\xc3\xa9 \xf0\x9f\x98\x80", 10, "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
}

static void what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
	(void)state;
	is_quoted("a\xff", 2, "\"a\\ufffd\"");
	is_quoted("\xc0\xaf", 2, "\"\\ufffd\\ufffd\"");                       /* overlong */
	is_quoted("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"");            /* a surrogate */
	is_quoted("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* above U+10FFFF */
	is_quoted("\xe2\x82", 2, "\"\\ufffd\\ufffd\"");                       /* cut off */
}

static void what_does_not_fit_is_told(void **state)
{
	struct sr_buf buf;

	(void)state;
	sr_buf_init(&buf, 5);
	assert_int_equal(sr_json_quote(&buf, "abcd", 4), -SR_ELIMIT);
	sr_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_json_forbids_is_escaped),
	    cmocka_unit_test(what_is_no_utf8_is_replaced_byte_by_byte),
	    cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
