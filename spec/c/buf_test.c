#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdlib.h>
#include <string.h>

static void bytes_come_out_as_they_went_in(void **state)
{
	struct sr_buf buf;

	(void)state;
	sr_buf_init(&buf, 100000);
	assert_null(buf.data);
	assert_int_equal(sr_buf_append(&buf, NULL, 0), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(sr_buf_append(&buf, &(char){(char)i}, 1), 0);
	assert_int_equal(sr_buf_printf(&buf, "%d-%s", 42, "end"), 0);
	assert_int_equal(buf.len, 5006);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(buf.data[i], (char)i);
	assert_memory_equal(buf.data + 5000, "42-end", 6);
	sr_buf_deinit(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.max, 100000);
}

static void the_maximum_holds_and_nothing_changes(void **state)
{
	struct sr_buf buf;

	(void)state;
	sr_buf_init(&buf, 10);
	assert_int_equal(sr_buf_append(&buf, "12345678", 8), 0);
	assert_int_equal(sr_buf_append(&buf, "abc", 3), -SR_ELIMIT);
	assert_int_equal(sr_buf_printf(&buf, "%s", "abc"), -SR_ELIMIT);
	assert_int_equal(sr_buf_reserve(&buf, SIZE_MAX), -SR_ELIMIT);
	assert_int_equal(buf.len, 8);
	assert_int_equal(sr_buf_printf(&buf, "%s", "ab"), 0);
	assert_int_equal(sr_buf_append(&buf, "", 0), 0);
	assert_int_equal(sr_buf_append(&buf, "c", 1), -SR_ELIMIT);
	assert_string_equal(sr_buf_cstr(&buf), "12345678ab");
	assert_int_equal(buf.len, 10);
	sr_buf_deinit(&buf);
}

static void reserve_gives_room_without_using_it(void **state)
{
	struct sr_buf buf;

	(void)state;
	sr_buf_init(&buf, 1 << 20);
	assert_int_equal(sr_buf_reserve(&buf, 70000), 0);
	assert_int_equal(buf.len, 0);
	assert_true(buf.cap >= 70000);
	memset(buf.data, 'x', 70000);
	buf.len = 70000;
	assert_int_equal(sr_buf_reserve(&buf, (1 << 20) - 70000), 0);
	assert_int_equal(buf.cap, 1 << 20);
	sr_buf_deinit(&buf);
}

static void consume_drops_the_front(void **state)
{
	struct sr_buf buf;

	(void)state;
	sr_buf_init(&buf, 100);
	sr_buf_consume(&buf, 0);
	sr_buf_append(&buf, "hello world", 11);
	sr_buf_consume(&buf, 6);
	assert_string_equal(sr_buf_cstr(&buf), "world");
	sr_buf_consume(&buf, 5);
	assert_int_equal(buf.len, 0);
	assert_string_equal(sr_buf_cstr(&buf), "");
	sr_buf_append(&buf, "x", 1);
	sr_buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	assert_non_null(buf.data);
	sr_buf_deinit(&buf);
}

static void take_moves_the_bytes_out(void **state)
{
	struct sr_buf buf;
	size_t len = 99;
	char *data;

	(void)state;
	sr_buf_init(&buf, 100);
	assert_null(sr_buf_take(&buf, &len));
	assert_int_equal(len, 0);
	sr_buf_append(&buf, "mine", 4);
	data = sr_buf_take(&buf, &len);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "mine", 4);
	assert_null(buf.data);
	assert_int_equal(sr_buf_append(&buf, "again", 5), 0);
	assert_memory_equal(data, "mine", 4);
	free(data);
	sr_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_out_as_they_went_in),
	    cmocka_unit_test(the_maximum_holds_and_nothing_changes),
	    cmocka_unit_test(reserve_gives_room_without_using_it),
	    cmocka_unit_test(consume_drops_the_front),
	    cmocka_unit_test(take_moves_the_bytes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
