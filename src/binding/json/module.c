/* scalerun.core.json */
#include "scalerun/binding/error.h"
#include "scalerun/binding/json.h"
#include "scalerun/binding/modules.h"

#include <lauxlib.h>

/* encode(value [, pretty [, name]]) → text, or nil, error */
static int l_encode(lua_State *L)
{
	const char *what = luaL_optstring(L, 3, "value");
	struct sr_error err;

	luaL_checkany(L, 1);
	if (sr_json_push_text(L, 1, what, lua_toboolean(L, 2), &err) < 0)
		return sr_push_failure(L, &err);
	return 1;
}

/* decode(text) → value, or nil, error */
static int l_decode(lua_State *L)
{
	struct sr_error err;
	const char *text;
	size_t len;

	luaL_checktype(L, 1, LUA_TSTRING);
	text = lua_tolstring(L, 1, &len);
	if (sr_json_decode(L, text, len, &err) < 0)
		return sr_push_failure(L, &err);
	return 1;
}

/* array([table]) → the table, marked: it is an array even when it is empty */
static int l_array(lua_State *L)
{
	lua_settop(L, 1);
	if (lua_isnil(L, 1)) {
		lua_newtable(L);
		lua_replace(L, 1);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	sr_json_push_array_meta(L);
	lua_setmetatable(L, 1);
	return 1;
}

static const luaL_Reg functions[] = {{"encode", l_encode}, {"decode", l_decode}, {"array", l_array}, {NULL, NULL}};

int sr_open_core_json(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
