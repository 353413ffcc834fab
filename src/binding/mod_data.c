/* scalerun.core.data: null, and plain copies. */
#include "scalerun/binding/copy.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"

#include <lauxlib.h>

/* A single value that scripts check or copy for themselves. */
#define COPY_MAX ((size_t)256 << 20)

static int buffer_gc(lua_State *L)
{
	sr_buf_deinit(lua_touserdata(L, 1));
	return 0;
}

struct sr_buf *sr_push_buf(lua_State *L, size_t max)
{
	struct sr_buf *buf = lua_newuserdatauv(L, sizeof(*buf), 0);

	sr_buf_init(buf, max);
	if (luaL_newmetatable(L, "scalerun.buffer")) {
		lua_pushcfunction(L, buffer_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return buf;
}

/* copy(value [, name]) → an independent copy, or nil, error where it is not plain data */
static int l_copy(lua_State *L)
{
	const char *what = luaL_optstring(L, 2, "value");
	struct sr_error err;
	struct sr_buf *buf;

	luaL_checkany(L, 1);
	buf = sr_push_buf(L, COPY_MAX);
	if (sr_copy_out(L, 1, what, buf, &err))
		return sr_push_failure(L, &err);
	sr_copy_in(L, buf->data, buf->len);
	sr_buf_deinit(buf);
	return 1;
}

static const luaL_Reg functions[] = {
    {"copy", l_copy},
    {NULL, NULL},
};

int sr_open_core_data(lua_State *L)
{
	luaL_newlib(L, functions);
	lua_pushlightuserdata(L, NULL); /* the same value that cjson calls null */
	lua_setfield(L, -2, "null");
	return 1;
}
