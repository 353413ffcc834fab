#include "scalerun/binding/copy.h"
#include "scalerun/binding/json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP         "json.encode"
#define DEPTH_MAX  100
#define TEXT_MAX   ((size_t)256 << 20)
#define KEPT       ((size_t)1 << 20)
#define NAMES_HELD 32 /* names of one object that are sorted without asking for memory */

struct name {
	const char *text;
	size_t len;
};

/* Where in the value the writer is. */
struct step {
	const char *name; /* of a field; NULL: an element */
	lua_Integer index;
};

struct writer {
	lua_State *L;
	struct sr_buf *buf;
	const char *what;
	bool pretty;
	int depth;
	struct step path[DEPTH_MAX];
	struct sr_error *err;
};

static int value(struct writer *writer, int idx);

static int fail(struct writer *writer, const char *problem)
{
	char where[256];
	size_t used = (size_t)snprintf(where, sizeof(where), "%s", writer->what);

	for (int i = 0; i < writer->depth && used < sizeof(where); i++) {
		const struct step *step = &writer->path[i];
		char *at = where + used;
		size_t room = sizeof(where) - used;

		used += (size_t)(step->name ? snprintf(at, room, ".%.60s", step->name)
					    : snprintf(at, room, "[%lld]", (long long)step->index));
	}
	return sr_fail(writer->err, SR_EINVAL, OP, "%s %s", where, problem);
}

static int put(struct writer *writer, const char *text, size_t len)
{
	int rc = sr_buf_append(writer->buf, text, len);

	if (rc < 0)
		return sr_fail(writer->err, -rc, OP, "%s is longer than %zu bytes as JSON, or memory has run out",
			       writer->what, writer->buf->max);
	return 0;
}

static int new_line(struct writer *writer)
{
	static const char blanks[] = "\n                                        ";
	size_t len = 1 + 2 * (size_t)writer->depth;

	return writer->pretty ? put(writer, blanks, len < sizeof(blanks) - 1 ? len : sizeof(blanks) - 1) : 0;
}

/* The length of the UTF-8 sequence at text, 0 when it is none. */
static size_t utf8(const unsigned char *text, const unsigned char *end)
{
	size_t len = *text < 0xc2 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : *text < 0xf5 ? 4 : 0;

	if (len == 0 || (size_t)(end - text) < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((*text == 0xe0 && text[1] < 0xa0) || (*text == 0xed && text[1] > 0x9f) ||
	    (*text == 0xf0 && text[1] < 0x90) || (*text == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

static int escape(struct writer *writer, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *found = c ? strchr(from, c) : NULL;
	char text[8];

	if (found)
		return put(writer, (char[]){'\\', to[found - from]}, 2);
	snprintf(text, sizeof(text), "\\u%04x", c);
	return put(writer, text, 6);
}

static int string(struct writer *writer, const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len, *plain = at;
	int rc = put(writer, "\"", 1);

	while (rc == 0 && at < end) {
		size_t step = 1;

		if (*at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
			at++;
			continue;
		}
		if (*at >= 0x80) {
			step = utf8(at, end);
			if (step == 0)
				return fail(writer, "is not valid UTF-8");
			at += step;
			continue;
		}
		rc = put(writer, (const char *)plain, (size_t)(at - plain));
		if (rc == 0)
			rc = escape(writer, *at);
		plain = ++at;
	}
	if (rc == 0)
		rc = put(writer, (const char *)plain, (size_t)(at - plain));
	return rc < 0 ? rc : put(writer, "\"", 1);
}

static int number(struct writer *writer, int idx)
{
	lua_Number number = lua_tonumber(writer->L, idx);
	char text[40];

	if (lua_isinteger(writer->L, idx)) {
		snprintf(text, sizeof(text), "%lld", (long long)lua_tointeger(writer->L, idx));
	} else if (!isfinite(number)) {
		return fail(writer, "is not a finite number");
	} else {
		snprintf(text, sizeof(text), "%.15g", number);
		if (strtod(text, NULL) != number)
			snprintf(text, sizeof(text), "%.17g", number);
	}
	return put(writer, text, strlen(text));
}

static int array(struct writer *writer, int idx, lua_Integer count)
{
	int rc = put(writer, "[", 1);

	writer->depth++;
	for (lua_Integer i = 1; rc == 0 && i <= count; i++) {
		writer->path[writer->depth - 1] = (struct step){.index = i};
		if (i > 1)
			rc = put(writer, ",", 1);
		if (rc == 0)
			rc = new_line(writer);
		if (rc == 0) {
			lua_rawgeti(writer->L, idx, i);
			rc = value(writer, lua_gettop(writer->L));
			lua_pop(writer->L, 1);
		}
	}
	writer->depth--;
	if (rc == 0 && count > 0)
		rc = new_line(writer);
	return rc < 0 ? rc : put(writer, "]", 1);
}

static int compare(const void *a, const void *b)
{
	const struct name *left = a, *right = b;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->text, right->text, len);

	return order ? order : left->len < right->len ? -1 : left->len > right->len;
}

/* The order of a table's keys differs from run to run: names are sorted. */
static int fields(struct writer *writer, int idx, struct name *names, size_t count)
{
	lua_State *L = writer->L;
	int rc = 0;

	qsort(names, count, sizeof(*names), compare);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		writer->path[writer->depth - 1] = (struct step){.name = names[i].text};
		if (i > 0)
			rc = put(writer, ",", 1);
		if (rc == 0)
			rc = new_line(writer);
		if (rc == 0)
			rc = string(writer, names[i].text, names[i].len);
		if (rc == 0)
			rc = writer->pretty ? put(writer, ": ", 2) : put(writer, ":", 1);
		if (rc == 0) {
			lua_pushlstring(L, names[i].text, names[i].len);
			lua_rawget(L, idx);
			rc = value(writer, lua_gettop(L));
			lua_pop(L, 1);
		}
	}
	return rc;
}

static int object(struct writer *writer, int idx, size_t count)
{
	lua_State *L = writer->L;
	struct name held[NAMES_HELD], *names = held;
	int rc = put(writer, "{", 1);
	size_t n = 0;

	/* A userdata, which a Lua error cannot leak. */
	if (count > NAMES_HELD)
		names = lua_newuserdatauv(L, count * sizeof(*names), 0);
	else
		lua_pushnil(L);
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		names[n].text = lua_tolstring(L, -2, &names[n].len);
		n++;
		lua_pop(L, 1);
	}
	writer->depth++;
	if (rc == 0)
		rc = fields(writer, idx, names, n);
	writer->depth--;
	lua_pop(L, 1);
	if (rc == 0 && n > 0)
		rc = new_line(writer);
	return rc < 0 ? rc : put(writer, "}", 1);
}

/* What __pairs shows (a constant table is empty but for that), as a plain table on top of the stack. */
static void flatten(lua_State *L, int idx)
{
	int result;

	lua_newtable(L);
	result = lua_gettop(L);
	luaL_getmetafield(L, idx, "__pairs");
	lua_pushvalue(L, idx);
	lua_call(L, 1, 3);
	for (;;) {
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_call(L, 2, 2);
		if (lua_isnil(L, -2))
			break;
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, result); /* result[key] = value; key, key stay */
		lua_pop(L, 1);
		lua_replace(L, -2);
	}
	lua_settop(L, result);
}

static bool is_marked(lua_State *L, int idx)
{
	bool marked = false;

	if (lua_getmetatable(L, idx)) {
		sr_json_push_array_meta(L);
		marked = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	return marked;
}

static int plain_table(struct writer *writer, int idx, bool marked)
{
	lua_State *L = writer->L;
	lua_Integer length = (lua_Integer)lua_rawlen(L, idx), elements = 0;
	size_t names = 0;

	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING) {
			names++;
		} else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1) {
			elements++;
		} else {
			lua_pop(L, 1);
			return fail(writer, "has a key that is neither a name nor a position from 1 on");
		}
	}
	if (elements && names)
		return fail(writer, "mixes names with positions: it is neither an object nor an array");
	if (elements != length)
		return fail(writer, "has holes: write scale.null where an element is to be null");
	if (marked && names)
		return fail(writer, "is marked as an array but has names");
	return elements || marked ? array(writer, idx, elements) : object(writer, idx, names);
}

static int table(struct writer *writer, int idx)
{
	lua_State *L = writer->L;
	bool marked = is_marked(L, idx);
	int rc;

	if (writer->depth == DEPTH_MAX)
		return sr_fail(writer->err, SR_EINVAL, OP, "%s is nested deeper than %d, or contains itself",
			       writer->what, DEPTH_MAX);
	luaL_checkstack(L, 12, "no room for JSON");
	if (!marked && luaL_getmetafield(L, idx, "__pairs") != LUA_TNIL) {
		lua_pop(L, 1);
		flatten(L, idx);
		rc = plain_table(writer, lua_gettop(L), false);
		lua_pop(L, 1);
		return rc;
	}
	return plain_table(writer, idx, marked);
}

static int value(struct writer *writer, int idx)
{
	lua_State *L = writer->L;
	char problem[64];
	const char *text;
	size_t len;

	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		text = lua_tolstring(L, idx, &len);
		return string(writer, text, len);
	case LUA_TNUMBER:
		return number(writer, idx);
	case LUA_TBOOLEAN:
		return lua_toboolean(L, idx) ? put(writer, "true", 4) : put(writer, "false", 5);
	case LUA_TTABLE:
		return table(writer, idx);
	case LUA_TNIL:
		return fail(writer, "is nil: write scale.null for null");
	case LUA_TLIGHTUSERDATA:
		if (!lua_touserdata(L, idx))
			return put(writer, "null", 4);
		break;
	}
	snprintf(problem, sizeof(problem), "is a %s, which JSON cannot say", luaL_typename(L, idx));
	return fail(writer, problem);
}

int sr_json_encode(lua_State *L, int idx, const char *what, bool pretty, struct sr_buf *buf, struct sr_error *err)
{
	struct writer writer = {.L = L, .buf = buf, .what = what, .pretty = pretty, .err = err};
	int top = lua_gettop(L), rc;

	rc = value(&writer, lua_absindex(L, idx));
	lua_settop(L, top);
	return rc;
}

/* A buffer is kept in the registry, and taken out while it is in use: a __pairs may encode as well. */
int sr_json_push_text(lua_State *L, int idx, const char *what, bool pretty, struct sr_error *err)
{
	static char key;
	struct sr_buf *buf;
	int rc;

	idx = lua_absindex(L, idx);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TNIL) {
		lua_pop(L, 1);
		buf = sr_push_buf(L, TEXT_MAX);
	} else {
		buf = lua_touserdata(L, -1);
		lua_pushnil(L);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
	}
	sr_buf_clear(buf);
	rc = sr_json_encode(L, idx, what, pretty, buf, err);
	if (rc == 0) {
		lua_pushlstring(L, buf->data, buf->len);
		lua_insert(L, -2);
	}
	if (buf->cap > KEPT)
		sr_buf_deinit(buf);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
	return rc;
}

void sr_json_push_array_meta(lua_State *L)
{
	luaL_newmetatable(L, "scalerun.json.array");
}
