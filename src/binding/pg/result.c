/* Results as tables: rows keyed by column name, values by the type of their column. */
#include "private.h"

#include "scalerun/binding/json.h"

#include <stdlib.h>
#include <string.h>

/* The types with a Lua value of their own, by their fixed ids (pg_type.dat). numeric stays text: a float would lose
 * digits. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, OID = 26, JSON = 114, FLOAT4 = 700, FLOAT8 = 701, JSONB = 3802 };

static void push_json(lua_State *L, const char *text, size_t length)
{
	struct sr_error err;

	if (sr_json_decode(L, text, length, &err) < 0)
		luaL_error(L, "pg.query: a json value cannot be read: %s", err.text);
}

static void push_value(lua_State *L, const PGresult *result, int row, int column, Oid type)
{
	const char *text = PQgetvalue(result, row, column);

	switch (type) {
	case INT2:
	case INT4:
	case INT8:
	case OID:
		lua_pushinteger(L, strtoll(text, NULL, 10));
		break;
	case FLOAT4:
	case FLOAT8:
		lua_pushnumber(L, strtod(text, NULL));
		break;
	case BOOL:
		lua_pushboolean(L, text[0] == 't');
		break;
	case JSON:
	case JSONB:
		push_json(L, text, (size_t)PQgetlength(result, row, column));
		break;
	default:
		lua_pushlstring(L, text, (size_t)PQgetlength(result, row, column));
	}
}

static void push_row(lua_State *L, const PGresult *result, int row, int columns, int names)
{
	lua_createtable(L, 0, columns);
	for (int column = 0; column < columns; column++) {
		lua_pushvalue(L, names + column);
		if (PQgetisnull(result, row, column))
			lua_pushlightuserdata(L, NULL); /* scale.null */
		else
			push_value(L, result, row, column, PQftype(result, column));
		lua_rawset(L, -3);
	}
}

/* "INSERT 0 3" → "INSERT" */
static void push_command(lua_State *L, const char *tag)
{
	size_t length = strlen(tag);

	while (length > 0 && strchr(" 0123456789", tag[length - 1]))
		length--;
	lua_pushlstring(L, tag, length);
}

void sr_lpg_push_result(lua_State *L, const PGresult *result)
{
	int rows = PQntuples(result), columns = PQnfields(result);
	int table, names;

	luaL_checkstack(L, columns + 10, "too many columns");
	lua_createtable(L, rows, 3);
	table = lua_gettop(L);
	names = table + 1;
	lua_createtable(L, columns, 0);
	for (int column = 0; column < columns; column++) {
		lua_pushstring(L, PQfname(result, column));
		lua_pushvalue(L, -1);
		lua_rawseti(L, names, column + 1);
	}
	for (int row = 0; row < rows; row++) {
		push_row(L, result, row, columns, names + 1);
		lua_rawseti(L, table, row + 1);
	}
	lua_settop(L, names);
	lua_setfield(L, table, "columns");
	lua_pushinteger(L, strtoll(PQcmdTuples((PGresult *)result), NULL, 10));
	lua_setfield(L, table, "count");
	push_command(L, PQcmdStatus((PGresult *)result));
	lua_setfield(L, table, "command");
}
