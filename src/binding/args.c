#include "scalerun/binding/args.h"
#include "scalerun/base/clock.h"

#include <lauxlib.h>

/* 0 and *ns, or what is wrong with the value at idx. */
static const char *to_duration(lua_State *L, int idx, int64_t *ns)
{
	if (lua_type(L, idx) == LUA_TNUMBER) {
		lua_Number seconds = lua_tonumber(L, idx);

		if (!(seconds >= 0))
			return "a duration cannot be negative";
		*ns = seconds >= (lua_Number)(SR_NEVER / SR_S) ? SR_NEVER : (int64_t)(seconds * (lua_Number)SR_S);
		return NULL;
	}
	if (lua_type(L, idx) == LUA_TSTRING && sr_duration_parse(lua_tostring(L, idx), ns) == 0)
		return NULL;
	return "a duration is a number of seconds or a string such as \"200ms\", \"1.5s\", \"2m\"";
}

int64_t sr_check_duration(lua_State *L, int arg)
{
	int64_t ns = 0;
	const char *wrong = to_duration(L, arg, &ns);

	if (wrong)
		luaL_argerror(L, arg, wrong);
	return ns;
}

int64_t sr_field_duration(lua_State *L, int idx, const char *field, int64_t fallback)
{
	int64_t ns = fallback;
	const char *wrong = NULL;

	if (lua_getfield(L, idx, field) != LUA_TNIL)
		wrong = to_duration(L, -1, &ns);
	if (wrong)
		luaL_error(L, "%s: %s", field, wrong);
	lua_pop(L, 1);
	return ns;
}
