/* A response is a table { status, body }; all else is made when the script first looks at it. */
#include "private.h"
#include "scalerun/base/clock.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define META         "scalerun.response"
#define HEADERS_META "scalerun.headers"

/* What the rest is made from: a userdata in the table, under a key that scripts cannot name. */
struct raw {
	struct sr_http_timings timings;
	int version, redirects;
	bool reused;
	size_t head_len, url_len;
	char bytes[]; /* head, final URL */
};

static char raw_key;

void sr_http_push_response(lua_State *L, const struct sr_http_response *response, int meta)
{
	size_t url_len = response->final_url ? strlen(response->final_url) : 0;
	struct raw *raw;

	lua_createtable(L, 0, 4); /* and one to come: headers or timings */
	lua_pushinteger(L, response->status);
	lua_setfield(L, -2, "status");
	lua_pushlstring(L, response->body, response->body_len);
	lua_setfield(L, -2, "body");
	raw = lua_newuserdatauv(L, sizeof(*raw) + response->head_len + url_len, 0);
	raw->timings = response->timings;
	raw->version = response->version;
	raw->redirects = response->redirects;
	raw->reused = response->reused;
	raw->head_len = response->head_len;
	raw->url_len = url_len;
	memcpy(raw->bytes, response->head, response->head_len);
	if (url_len)
		memcpy(raw->bytes + response->head_len, response->final_url, url_len);
	lua_rawsetp(L, -2, &raw_key);
	lua_pushvalue(L, meta);
	lua_setmetatable(L, -2);
}

static const struct raw *check_raw(lua_State *L)
{
	const struct raw *raw = NULL;

	if (lua_istable(L, 1)) {
		lua_rawgetp(L, 1, &raw_key);
		raw = lua_touserdata(L, -1);
		lua_pop(L, 1);
	}
	if (!raw)
		luaL_argerror(L, 1, "a response is expected");
	return raw;
}

static void push_lower(lua_State *L, const char *text, size_t len)
{
	luaL_Buffer buffer;
	char *at = luaL_buffinitsize(L, &buffer, len);

	for (size_t i = 0; i < len; i++)
		at[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + ('a' - 'A')) : text[i];
	luaL_pushresultsize(&buffer, len);
}

/* { name in small letters = value }; what comes several times is joined as RFC 9110 allows. */
static void push_headers(lua_State *L, const struct raw *raw)
{
	struct sr_http_header header;
	size_t pos = 0;

	lua_newtable(L);
	while (sr_http_head_next(raw->bytes, raw->head_len, &pos, &header)) {
		push_lower(L, header.name, header.name_len);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, -3) == LUA_TSTRING) {
			lua_pushliteral(L, ", ");
			lua_pushlstring(L, header.value, header.value_len);
			lua_concat(L, 3);
		} else {
			lua_pop(L, 1);
			lua_pushlstring(L, header.value, header.value_len);
		}
		lua_rawset(L, -3);
	}
	luaL_setmetatable(L, HEADERS_META);
}

static void push_timings(lua_State *L, const struct raw *raw)
{
	const struct {
		const char *name;
		int64_t ns;
	} times[] = {
	    {"wait", raw->timings.wait},
	    {"dns", raw->timings.dns},
	    {"connect", raw->timings.connect},
	    {"tls", raw->timings.tls},
	    {"first_byte", raw->timings.first_byte},
	    {"total", raw->timings.total},
	};

	lua_createtable(L, 0, 6);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		lua_pushnumber(L, (lua_Number)times[i].ns / (lua_Number)SR_S);
		lua_setfield(L, -2, times[i].name);
	}
}

/* Names written in any case. */
static int l_headers_index(lua_State *L)
{
	size_t len;
	const char *name;

	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	name = lua_tolstring(L, 2, &len);
	push_lower(L, name, len);
	lua_rawget(L, 1);
	return 1;
}

/* response:header_values(name) → every value of that name, in order */
static int l_header_values(lua_State *L)
{
	const struct raw *raw = check_raw(L);
	struct sr_http_header header;
	size_t pos = 0, len;
	const char *name = luaL_checklstring(L, 2, &len);
	lua_Integer n = 0;

	lua_newtable(L);
	while (sr_http_head_next(raw->bytes, raw->head_len, &pos, &header)) {
		if (header.name_len != len || strncasecmp(header.name, name, len) != 0)
			continue;
		lua_pushlstring(L, header.value, header.value_len);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* Makes the value of a field that is not in the table yet: pushes one value, or none for unknown names. */
static bool push_field(lua_State *L, const struct raw *raw, const char *name)
{
	if (strcmp(name, "headers") == 0) {
		push_headers(L, raw);
	} else if (strcmp(name, "timings") == 0) {
		push_timings(L, raw);
	} else if (strcmp(name, "version") == 0) {
		lua_pushstring(L, raw->version == 20 ? "2" : raw->version == 10 ? "1.0" : "1.1");
	} else if (strcmp(name, "reused") == 0) {
		lua_pushboolean(L, raw->reused);
	} else if (strcmp(name, "redirects") == 0) {
		lua_pushinteger(L, raw->redirects);
	} else if (strcmp(name, "final_url") == 0) {
		if (raw->url_len)
			lua_pushlstring(L, raw->bytes + raw->head_len, raw->url_len);
		else
			lua_pushnil(L);
	} else {
		return false;
	}
	return true;
}

static const char *const fields[] = {"status", "body",      "headers",   "timings", "version",
				     "reused", "redirects", "final_url", "json",    "header_values"};

static int l_index(lua_State *L)
{
	const struct raw *raw = check_raw(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

	lua_settop(L, 2);
	if (push_field(L, raw, name)) {
		lua_pushvalue(L, 2);
		lua_pushvalue(L, 3);
		lua_rawset(L, 1);
		return 1;
	}
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	sr_http_push_library(L, "scalerun.options", "nearest");
	lua_pushstring(L, name);
	lua_createtable(L, 10, 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		lua_pushstring(L, fields[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_call(L, 2, 1);
	name = luaL_tolstring(L, 2, NULL);
	if (lua_isstring(L, -2))
		return luaL_error(L, "a response has no field '%s' (did you mean '%s'?)", name, lua_tostring(L, -2));
	return luaL_error(L,
			  "a response has no field '%s' (it has status, body, headers, timings, version, reused, "
			  "redirects, final_url, json(), header_values(name))",
			  name);
}

static int l_tostring(lua_State *L)
{
	check_raw(L);
	lua_getfield(L, 1, "status");
	lua_getfield(L, 1, "body");
	lua_pushfstring(L, "HTTP %s, %I bytes", luaL_tolstring(L, 2, NULL), (lua_Integer)lua_rawlen(L, 3));
	return 1;
}

static const luaL_Reg methods[] = {{"header_values", l_header_values}, {NULL, NULL}};

void sr_http_response_open(lua_State *L)
{
	luaL_newmetatable(L, HEADERS_META);
	lua_pushcfunction(L, l_headers_index);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);

	luaL_newlib(L, methods);
	luaL_newmetatable(L, META);
	lua_pushvalue(L, -2);
	lua_pushcclosure(L, l_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, l_tostring);
	lua_setfield(L, -2, "__tostring");
}
