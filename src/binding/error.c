#include "scalerun/binding/error.h"
#include "private.h"

#include <lauxlib.h>

#define ERROR_META "scalerun.error"

/* "operation: message", and what tostring and an uncaught error print. */
static int error_tostring(lua_State *L)
{
	lua_getfield(L, 1, "operation");
	lua_getfield(L, 1, "message");
	/* One after the other: each pushes, and C does not say in which order arguments are evaluated. */
	luaL_tolstring(L, -1, NULL);
	if (lua_isnil(L, -3))
		return 1;
	luaL_tolstring(L, -3, NULL);
	lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
	return 1;
}

void sr_push_error_meta(lua_State *L)
{
	if (luaL_newmetatable(L, ERROR_META)) {
		lua_pushcfunction(L, error_tostring);
		lua_setfield(L, -2, "__tostring");
	}
}

void sr_push_error(lua_State *L, const struct sr_error *err)
{
	lua_createtable(L, 0, 5);
	lua_pushstring(L, sr_code_name(err->code));
	lua_setfield(L, -2, "kind");
	lua_pushstring(L, err->op);
	lua_setfield(L, -2, "operation");
	lua_pushstring(L, err->text);
	lua_setfield(L, -2, "message");
	if (err->detail[0]) {
		lua_pushstring(L, err->detail);
		lua_setfield(L, -2, "detail");
	}
	sr_push_error_meta(L);
	lua_setmetatable(L, -2);
}

int sr_push_failure(lua_State *L, const struct sr_error *err)
{
	lua_pushnil(L);
	sr_push_error(L, err);
	return 2;
}

int sr_traceback(lua_State *L)
{
	const char *text = lua_tostring(L, 1);

	if (text) {
		luaL_traceback(L, L, text, 1);
		return 1;
	}
	if (lua_istable(L, 1)) {
		lua_pushliteral(L, "traceback");
		lua_rawget(L, 1);
		if (lua_isnil(L, -1)) {
			luaL_traceback(L, L, NULL, 1);
			lua_pushliteral(L, "traceback");
			lua_insert(L, -2);
			lua_rawset(L, 1);
		}
		lua_settop(L, 1);
		return 1;
	}
	luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
	return 1;
}
