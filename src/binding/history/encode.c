/* Values as the JSON texts that a history keeps: strings, numbers and lists of them without a detour. */
#include "private.h"
#include "scalerun/base/json_text.h"
#include "scalerun/binding/copy.h"
#include "scalerun/binding/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void out_of_memory(lua_State *L)
{
	luaL_error(L, "history: out of memory");
}

static void append(lua_State *L, struct sr_buf *buf, const char *data, size_t len)
{
	if (sr_buf_append(buf, data, len))
		out_of_memory(L);
}

static void append_string(lua_State *L, struct sr_buf *buf, const char *data, size_t len)
{
	if (sr_json_quote(buf, data, len))
		out_of_memory(L);
}

static void append_number(lua_State *L, struct sr_buf *buf, int idx)
{
	char text[40];
	lua_Number number = lua_tonumber(L, idx);
	int len;

	if (lua_isinteger(L, idx))
		len = snprintf(text, sizeof(text), "%lld", (long long)lua_tointeger(L, idx));
	else if (isfinite(number))
		len = snprintf(text, sizeof(text), "%.17g", number);
	else
		len = snprintf(text, sizeof(text), "null");
	append(L, buf, text, (size_t)len);
}

static bool append_scalar(lua_State *L, struct sr_buf *buf, int idx)
{
	size_t len;
	const char *text;

	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		text = lua_tolstring(L, idx, &len);
		append_string(L, buf, text, len);
		return true;
	case LUA_TNUMBER:
		append_number(L, buf, idx);
		return true;
	case LUA_TBOOLEAN:
		append(L, buf, lua_toboolean(L, idx) ? "true" : "false", lua_toboolean(L, idx) ? 4 : 5);
		return true;
	default:
		return false;
	}
}

/* A list of scalars; false, with the buffer as it was, for any other table. */
static bool append_list(lua_State *L, struct sr_buf *buf, int idx)
{
	size_t before = buf->len;
	lua_Unsigned count = lua_rawlen(L, idx);

	if (count == 0)
		return false;
	for (lua_Unsigned i = 1; i <= count; i++) {
		bool scalar;

		append(L, buf, i == 1 ? "[" : ",", 1);
		lua_rawgeti(L, idx, (lua_Integer)i);
		scalar = append_scalar(L, buf, -1);
		lua_pop(L, 1);
		if (!scalar) {
			buf->len = before;
			return false;
		}
	}
	append(L, buf, "]", 1);
	return true;
}

void sr_lhist_encode(lua_State *L, int idx, const char *what, struct sr_buf *buf)
{
	size_t before = buf->len, len;
	struct sr_error err;
	const char *text;

	idx = lua_absindex(L, idx);
	if (lua_isnoneornil(L, idx))
		return;
	if (!append_scalar(L, buf, idx) && !(lua_istable(L, idx) && append_list(L, buf, idx))) {
		if (sr_json_push_text(L, idx, what, false, &err))
			luaL_error(L, "%s", err.text);
		text = lua_tolstring(L, -1, &len);
		append(L, buf, text, len);
		lua_pop(L, 1);
	}
	len = buf->len - before;
	if (len > SR_HISTORY_TEXT_MAX) {
		uint64_t hash = sr_history_hash(buf->data + before, len);
		char told[80];
		int n =
		    snprintf(told, sizeof(told), "{\"bytes\":%zu,\"hash\":\"%016llx\"}", len, (unsigned long long)hash);

		buf->len = before;
		append(L, buf, told, (size_t)n);
	}
}
