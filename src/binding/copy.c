#include "scalerun/binding/copy.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 100

enum tag { TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INT, TAG_FLOAT, TAG_STRING, TAG_NULL, TAG_TABLE, TAG_END };

/* The chain of keys that leads to the value being written, for error messages. */
struct path {
	const struct path *up;
	const char *name; /* NULL: number */
	long long number;
};

struct writer {
	lua_State *L;
	struct sr_buf *buf;
	const char *what;
	struct sr_error *err;
};

static size_t path_text(const struct path *path, char *out, size_t size)
{
	size_t len = path->up ? path_text(path->up, out, size) : 0;
	int n;

	if (len >= size)
		return size;
	if (!path->up)
		n = snprintf(out, size, "%s", path->name);
	else if (path->name)
		n = snprintf(out + len, size - len, ".%s", path->name);
	else
		n = snprintf(out + len, size - len, "[%lld]", path->number);
	return n < 0 ? len : len + (size_t)n;
}

static int refuse(struct writer *w, const struct path *path, const char *why)
{
	char text[256] = "";

	path_text(path, text, sizeof(text));
	return sr_fail(w->err, SR_EINVAL, "copy",
		       "%s %s; only plain data (numbers, strings, booleans, tables) can be copied", text, why);
}

static int put(struct writer *w, enum tag tag, const void *data, size_t len)
{
	unsigned char byte = (unsigned char)tag;
	int rc = sr_buf_append(w->buf, &byte, 1);

	if (!rc && len)
		rc = sr_buf_append(w->buf, data, len);
	if (rc)
		return sr_fail(w->err, -rc, "copy",
			       rc == -SR_ELIMIT ? "%s is larger than %zu bytes" : "out of memory: %s", w->what,
			       w->buf->max);
	return 0;
}

static int write_value(struct writer *w, const struct path *path, int depth);

static int write_string(struct writer *w)
{
	size_t len;
	const char *text = lua_tolstring(w->L, -1, &len);
	int rc = put(w, TAG_STRING, &len, sizeof(len));

	if (!rc && len && sr_buf_append(w->buf, text, len))
		rc = sr_fail(w->err, SR_ELIMIT, "copy", "%s is larger than %zu bytes", w->what, w->buf->max);
	return rc;
}

static int write_key(struct writer *w, const struct path *path, struct path *here)
{
	lua_State *L = w->L;
	int rc;

	here->up = path;
	here->name = NULL;
	here->number = 0;
	if (lua_type(L, -1) == LUA_TSTRING)
		here->name = lua_tostring(L, -1);
	else if (lua_isinteger(L, -1))
		here->number = lua_tointeger(L, -1);
	else if (lua_type(L, -1) != LUA_TNUMBER && lua_type(L, -1) != LUA_TBOOLEAN)
		return refuse(w, path, "has a key that is neither string, number nor boolean");
	rc = write_value(w, here, DEPTH_MAX);
	return rc;
}

static int write_table(struct writer *w, const struct path *path, int depth)
{
	lua_State *L = w->L;
	int rc = put(w, TAG_TABLE, NULL, 0);

	if (depth >= DEPTH_MAX)
		return refuse(w, path, "is nested too deeply, or contains itself");
	if (!lua_checkstack(L, 6))
		return refuse(w, path, "is nested too deeply for the Lua stack");
	if (lua_getmetatable(L, -1)) {
		lua_pop(L, 1);
		return refuse(w, path, "is a table with a metatable");
	}
	lua_pushnil(L);
	while (!rc && lua_next(L, -2)) {
		struct path here;

		lua_pushvalue(L, -2); /* key value key */
		rc = write_key(w, path, &here);
		lua_pop(L, 1);
		if (!rc)
			rc = write_value(w, &here, depth + 1);
		lua_pop(L, rc ? 2 : 1);
	}
	return rc ? rc : put(w, TAG_END, NULL, 0);
}

/* Writes the value on top and leaves it there. */
static int write_value(struct writer *w, const struct path *path, int depth)
{
	lua_State *L = w->L;
	char why[64];

	switch (lua_type(L, -1)) {
	case LUA_TNIL:
		return put(w, TAG_NIL, NULL, 0);
	case LUA_TBOOLEAN:
		return put(w, lua_toboolean(L, -1) ? TAG_TRUE : TAG_FALSE, NULL, 0);
	case LUA_TNUMBER:
		if (lua_isinteger(L, -1)) {
			lua_Integer i = lua_tointeger(L, -1);

			return put(w, TAG_INT, &i, sizeof(i));
		} else {
			lua_Number n = lua_tonumber(L, -1);

			return put(w, TAG_FLOAT, &n, sizeof(n));
		}
	case LUA_TSTRING:
		return write_string(w);
	case LUA_TLIGHTUSERDATA:
		if (!lua_touserdata(L, -1))
			return put(w, TAG_NULL, NULL, 0);
		break;
	case LUA_TTABLE:
		return write_table(w, path, depth);
	default:
		break;
	}
	snprintf(why, sizeof(why), "is a %s", luaL_typename(L, -1));
	return refuse(w, path, why);
}

int sr_copy_out(lua_State *L, int idx, const char *what, struct sr_buf *buf, struct sr_error *err)
{
	struct writer w = {.L = L, .buf = buf, .what = what, .err = err};
	struct path root = {.up = NULL, .name = what};
	int top = lua_gettop(L);
	int rc;

	if (!lua_checkstack(L, 8))
		return sr_fail(err, SR_ENOMEM, "copy", "out of Lua stack");
	lua_pushvalue(L, idx);
	rc = write_value(&w, &root, 0);
	lua_settop(L, top);
	return rc;
}

struct reader {
	lua_State *L;
	const char *at, *end;
};

static void get(struct reader *r, void *out, size_t len)
{
	if ((size_t)(r->end - r->at) < len)
		luaL_error(r->L, "copied data is cut short");
	memcpy(out, r->at, len);
	r->at += len;
}

/* Pushes one value; false (nothing pushed) at a table's end. */
static bool read_value(struct reader *r)
{
	lua_State *L = r->L;
	unsigned char tag;
	lua_Integer i;
	lua_Number n;
	size_t len;

	luaL_checkstack(L, 6, "copied data is nested too deeply");
	get(r, &tag, 1);
	switch (tag) {
	case TAG_NIL:
		lua_pushnil(L);
		return true;
	case TAG_FALSE:
	case TAG_TRUE:
		lua_pushboolean(L, tag == TAG_TRUE);
		return true;
	case TAG_INT:
		get(r, &i, sizeof(i));
		lua_pushinteger(L, i);
		return true;
	case TAG_FLOAT:
		get(r, &n, sizeof(n));
		lua_pushnumber(L, n);
		return true;
	case TAG_STRING:
		get(r, &len, sizeof(len));
		if ((size_t)(r->end - r->at) < len)
			luaL_error(L, "copied data is cut short");
		lua_pushlstring(L, r->at, len);
		r->at += len;
		return true;
	case TAG_NULL:
		lua_pushlightuserdata(L, NULL);
		return true;
	case TAG_TABLE:
		lua_newtable(L);
		while (read_value(r)) {
			read_value(r);
			lua_rawset(L, -3);
		}
		return true;
	default:
		return false;
	}
}

size_t sr_copy_in(lua_State *L, const char *data, size_t len)
{
	struct reader r = {.L = L, .at = data, .end = data + len};

	if (!read_value(&r))
		lua_pushnil(L);
	return (size_t)(r.at - data);
}
