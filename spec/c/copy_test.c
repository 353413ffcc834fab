/* Plain data between states: what arrives, and what is refused with its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/binding/copy.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/* Runs the chunk in one state, copies its value into another, checks it there with the second chunk. */
static int carry(const char *make, const char *check, struct sr_error *err)
{
	lua_State *from = luaL_newstate();
	lua_State *to = luaL_newstate();
	struct sr_buf buf;
	int rc;

	luaL_openlibs(from);
	luaL_openlibs(to);
	sr_buf_init(&buf, 1 << 20);
	assert_int_equal(luaL_dostring(from, make), LUA_OK);
	rc = sr_copy_out(from, -1, "value", &buf, err);
	if (!rc) {
		assert_int_equal(luaL_loadstring(to, check), LUA_OK);
		assert_int_equal(sr_copy_in(to, buf.data, buf.len), buf.len);
		if (lua_pcall(to, 1, 0, 0) != LUA_OK)
			fail_msg("%s", lua_tostring(to, -1));
	}
	sr_buf_deinit(&buf);
	lua_close(from);
	lua_close(to);
	return rc;
}

static void plain_values_arrive_equal(void **state)
{
	struct sr_error err;

	(void)state;
	assert_int_equal(carry("return nil", "assert((...) == nil)", &err), 0);
	assert_int_equal(carry("return { true, false, 1, 2.5, math.mininteger, 'a\\0b', '' }",
			       "local t = ... assert(t[1] == true and t[2] == false and math.type(t[3]) == 'integer') "
			       "assert(t[4] == 2.5 and t[5] == math.mininteger and t[6] == 'a\\0b' and t[7] == '')",
			       &err),
			 0);
	assert_int_equal(carry("return { a = { [1] = 'x', [true] = { 1/0 } } }",
			       "local t = ... assert(t.a[1] == 'x' and t.a[true][1] == math.huge)", &err),
			 0);
}

static void other_values_are_refused_with_their_path(void **state)
{
	struct sr_error err;

	(void)state;
	assert_int_equal(carry("return { users = { {}, {}, { fn = print } } }", "", &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "value.users[3].fn is a function"));
	assert_int_equal(carry("return setmetatable({}, {})", "", &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "metatable"));
	assert_int_equal(carry("local t = {} t.t = t return t", "", &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "contains itself"));
	assert_int_equal(carry("return { [{}] = 1 }", "", &err), -SR_EINVAL);
}

static void a_value_larger_than_the_buffer_is_refused(void **state)
{
	struct sr_error err;

	(void)state;
	assert_int_equal(carry("return string.rep('x', 2 << 20)", "", &err), -SR_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_values_arrive_equal),
	    cmocka_unit_test(other_values_are_refused_with_their_path),
	    cmocka_unit_test(a_value_larger_than_the_buffer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
