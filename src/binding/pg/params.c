/* Lua values as parameters: texts whose types the server infers. */
#include "private.h"

#include "scalerun/binding/json.h"

#include <math.h>
#include <string.h>

#define FEW 16 /* parameters without a heap block for their pointers */

static void push_number(lua_State *L, int idx)
{
	char text[48];
	lua_Number number;

	if (lua_isinteger(L, idx)) {
		lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, idx));
		return;
	}
	number = lua_tonumber(L, idx);
	if (isnan(number))
		lua_pushliteral(L, "NaN");
	else if (isinf(number))
		lua_pushstring(L, number > 0 ? "Infinity" : "-Infinity");
	else {
		snprintf(text, sizeof text, "%.17g", number);
		lua_pushstring(L, text);
	}
}

static void push_json(lua_State *L, int idx, const char *what, int position)
{
	struct sr_error err;

	if (sr_json_push_text(L, idx, "the table", false, &err) < 0)
		luaL_error(L, "%s: value %d cannot be sent as JSON: %s", what, position, err.text);
}

void sr_lpg_param_to_text(lua_State *L, int idx, const char *what, int position)
{
	size_t length;
	const char *text;

	switch (lua_type(L, idx)) {
	case LUA_TNIL:
		return;
	case LUA_TSTRING:
		text = lua_tolstring(L, idx, &length);
		if (strlen(text) != length)
			luaL_error(L, "%s: value %d holds a zero byte, which PostgreSQL's text cannot", what, position);
		return;
	case LUA_TBOOLEAN:
		lua_pushstring(L, lua_toboolean(L, idx) ? "t" : "f");
		break;
	case LUA_TNUMBER:
		push_number(L, idx);
		break;
	case LUA_TTABLE:
		push_json(L, idx, what, position);
		break;
	case LUA_TLIGHTUSERDATA:
		if (!lua_touserdata(L, idx)) { /* scale.null */
			lua_pushnil(L);
			break;
		}
		/* fall through */
	default:
		luaL_error(L, "%s: value %d is a %s: only nil, booleans, numbers, strings and tables can be sent", what,
			   position, luaL_typename(L, idx));
	}
	lua_replace(L, idx);
}

struct sr_op *sr_lpg_query_of_stack(lua_State *L, struct sr_pg *pg, const char *sql, int first)
{
	int count = lua_gettop(L) - first + 1;
	const char *few[FEW], **values = few;
	struct sr_op *op;

	if (count > FEW)
		values = lua_newuserdatauv(L, (size_t)count * sizeof *values, 0);
	for (int i = 0; i < count; i++)
		values[i] = lua_tostring(L, first + i);
	op = sr_pg_query_new(pg, sql, count, values);
	if (count > FEW)
		lua_pop(L, 1);
	return op;
}
