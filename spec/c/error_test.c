#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/error.h"

#include <errno.h>
#include <string.h>

static void every_code_has_its_own_name(void **state)
{
	(void)state;
	for (int code = 0; code < SR_CODE_COUNT; code++) {
		assert_non_null(sr_code_name(code));
		for (int other = 0; other < code; other++)
			assert_string_not_equal(sr_code_name(code), sr_code_name(other));
	}
	assert_string_equal(sr_code_name(SR_ETIMEOUT), "timeout");
	assert_string_equal(sr_code_name(SR_ECONNECT), "connect");
	assert_string_equal(sr_code_name(SR_ESERVER), "server");
	assert_string_equal(sr_code_name(-1), "unknown");
	assert_string_equal(sr_code_name(SR_CODE_COUNT), "unknown");
}

static void fail_describes_and_returns_the_negative_code(void **state)
{
	struct sr_error err;

	(void)state;
	memset(&err, 'x', sizeof(err));
	assert_int_equal(sr_fail(&err, SR_EPROTO, "http.get", "line %d is not a header", 7), -SR_EPROTO);
	assert_int_equal(err.code, SR_EPROTO);
	assert_string_equal(err.op, "http.get");
	assert_string_equal(err.detail, "");
	assert_string_equal(err.text, "line 7 is not a header");
}

static void long_texts_are_cut(void **state)
{
	char text[2000];
	struct sr_error err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	sr_fail(&err, SR_EIO, text, "%s", text);
	assert_int_equal(strlen(err.op), sizeof(err.op) - 1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	sr_error_detail(&err, text);
	assert_int_equal(strlen(err.detail), sizeof(err.detail) - 1);
	sr_fail_errno(&err, SR_EIO, ENOENT, "op", "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_string_equal(err.detail, "ENOENT");
}

static void errno_is_told_in_words_and_by_name(void **state)
{
	struct sr_error err;

	(void)state;
	assert_int_equal(
	    sr_fail_errno(&err, SR_ECONNECT, ECONNREFUSED, "pg.connect", "cannot connect to %s", "127.0.0.1:1"),
	    -SR_ECONNECT);
	assert_int_equal(err.code, SR_ECONNECT);
	assert_string_equal(err.text, "cannot connect to 127.0.0.1:1: Connection refused");
	assert_string_equal(err.detail, "ECONNREFUSED");
	sr_fail_errno(&err, SR_EIO, 99999, "op", "odd");
	assert_string_equal(err.detail, "");
}

static void an_error_can_be_told_again_from_its_own_text(void **state)
{
	struct sr_error err;

	(void)state;
	sr_fail(&err, SR_EIO, "read", "no space");
	sr_fail(&err, SR_EIO, err.op, "file x: %s", err.text);
	assert_string_equal(err.op, "read");
	assert_string_equal(err.text, "file x: no space");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(sr_fail(NULL, SR_EDNS, "op", "text"), -SR_EDNS);
	assert_int_equal(sr_fail_errno(NULL, SR_EIO, EIO, "op", "text"), -SR_EIO);
	sr_error_detail(NULL, "detail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_has_its_own_name),
	    cmocka_unit_test(fail_describes_and_returns_the_negative_code),
	    cmocka_unit_test(long_texts_are_cut),
	    cmocka_unit_test(errno_is_told_in_words_and_by_name),
	    cmocka_unit_test(an_error_can_be_told_again_from_its_own_text),
	    cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
