#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/base64.h"
#include "scalerun/base/error.h"

#include <string.h>

/* RFC 4648, section 10. */
static const char *const pairs[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
};

static void the_examples_of_the_rfc_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct sr_buf text, bytes;

		sr_buf_init(&text, 100);
		sr_buf_init(&bytes, 100);
		assert_int_equal(sr_base64_encode(pairs[i][0], strlen(pairs[i][0]), &text), 0);
		assert_string_equal(sr_buf_cstr(&text), pairs[i][1]);
		assert_int_equal(sr_base64_decode(text.data, text.len, &bytes), 0);
		assert_string_equal(sr_buf_cstr(&bytes), pairs[i][0]);
		sr_buf_deinit(&text);
		sr_buf_deinit(&bytes);
	}
}

static void what_is_no_base64_is_refused(void **state)
{
	static const char *const wrong[] = {"Z", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9\n", "Zm 9", "Zm9-", "=Zg="};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct sr_buf bytes;

		sr_buf_init(&bytes, 100);
		assert_int_equal(sr_base64_decode(wrong[i], strlen(wrong[i]), &bytes), -SR_EPROTO);
		sr_buf_deinit(&bytes);
	}
}

static void a_full_buffer_is_told(void **state)
{
	struct sr_buf out;

	(void)state;
	sr_buf_init(&out, 6);
	assert_int_equal(sr_base64_encode("foobar", 6, &out), -SR_ELIMIT);
	assert_int_equal(sr_base64_decode("Zm9vYmFyZm9v", 12, &out), -SR_ELIMIT);
	sr_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_examples_of_the_rfc_go_both_ways),
	    cmocka_unit_test(what_is_no_base64_is_refused),
	    cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
