#include "scalerun/binding/json.h"
#include "tree.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define OP    "json.decode"
#define FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL)

void sr_json_drop_tree(json_t **tree)
{
	json_decref(*tree);
	*tree = NULL;
}

static int l_tree_gc(lua_State *L)
{
	sr_json_drop_tree(lua_touserdata(L, 1));
	return 0;
}

json_t **sr_json_push_tree(lua_State *L)
{
	json_t **tree = lua_newuserdatauv(L, sizeof(*tree), 0);

	*tree = NULL;
	if (luaL_newmetatable(L, "scalerun.json.tree")) {
		lua_pushcfunction(L, l_tree_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return tree;
}

static const char *after_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : end;
}

/* jansson refuses an integer that 64 bits cannot hold, but rounds any number that has an exponent: pushes the
 * text with an "e0" after each such integer (by which a column that is then reported is off). */
static const char *push_widened(lua_State *L, const char *text, size_t *len)
{
	const char *at = text, *end = text + *len, *next;
	luaL_Buffer buffer;

	luaL_buffinitsize(L, &buffer, *len + 2);
	for (; at < end; at = next) {
		size_t digits = strspn(at, "-0123456789"), number = strspn(at, "-+.eE0123456789");

		next = *at == '"' ? after_string(at, end) : at + (number ? number : 1);
		luaL_addlstring(&buffer, at, (size_t)(next - at));
		errno = 0;
		if (digits > 0 && digits == number && (strtoll(at, NULL, 10), errno == ERANGE))
			luaL_addstring(&buffer, "e0");
	}
	luaL_pushresult(&buffer);
	return lua_tolstring(L, -1, len);
}

static void push(lua_State *L, json_t *json)
{
	const char *name;
	json_t *item;
	size_t i, len;

	luaL_checkstack(L, 4, "JSON is nested too deep");
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		lua_createtable(L, 0, (int)json_object_size(json));
		json_object_keylen_foreach(json, name, len, item)
		{
			lua_pushlstring(L, name, len);
			push(L, item);
			lua_rawset(L, -3);
		}
		return;
	case JSON_ARRAY:
		lua_createtable(L, (int)json_array_size(json), 0);
		json_array_foreach(json, i, item)
		{
			push(L, item);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(json), json_string_length(json));
		return;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(json));
		return;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(json));
		return;
	case JSON_NULL:
		lua_pushlightuserdata(L, NULL);
		return;
	default:
		lua_pushboolean(L, json_is_true(json));
	}
}

int sr_json_decode(lua_State *L, const char *text, size_t len, struct sr_error *err)
{
	int top = lua_gettop(L);
	json_t **tree;
	json_error_t error;

	luaL_checkstack(L, 6, "no room for JSON");
	tree = sr_json_push_tree(L);
	*tree = json_loadb(text, len, FLAGS, &error);
	if (!*tree && json_error_code(&error) == json_error_numeric_overflow) {
		text = push_widened(L, text, &len);
		*tree = json_loadb(text, len, FLAGS, &error);
	}
	if (!*tree) {
		lua_settop(L, top);
		return sr_fail(err, SR_EPROTO, OP, "%s at line %d, column %d", error.text, error.line, error.column);
	}
	push(L, *tree);
	sr_json_drop_tree(tree);
	lua_replace(L, top + 1);
	lua_settop(L, top + 1);
	return 0;
}
