#include "scalerun/binding/copy.h"
#include "scalerun/binding/json.h"
#include "tree.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define OP         "json.encode"
#define DEPTH_MAX  100
#define TEXT_MAX   ((size_t)256 << 20)
#define VALUE_COST 32  /* what jansson asks for beside a text */
#define TABLE_COST 224 /* and how much more for a table */

/* Where in the value the writer is. */
struct step {
	const char *name; /* of a field; NULL: an element */
	size_t len;
	lua_Integer index;
};

struct writer {
	lua_State *L;
	const char *what;
	size_t size; /* of what the tree holds, so that tables shared many times cannot fill the memory */
	int digits;  /* that every float so far needs to be read back as the same */
	int depth;
	struct step path[DEPTH_MAX];
	struct sr_error *err;
};

static int value(struct writer *writer, json_t *parent, int idx);

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

static int too_long(struct writer *writer)
{
	return sr_fail(writer->err, errno == ENOMEM ? SR_ENOMEM : SR_ELIMIT, OP,
		       "%s takes more than %zu bytes as JSON, or memory has run out", writer->what, TEXT_MAX);
}

/* Moves json, which takes len bytes beside its own, into parent, where the path ends. All hangs together from
 * the root on at any time: a Lua error leaks nothing. jansson gives NULL, or refuses a name, for what is not
 * UTF-8 and for want of memory. */
static int add(struct writer *writer, json_t *parent, json_t *json, size_t len)
{
	const struct step *step = writer->depth ? &writer->path[writer->depth - 1] : NULL;
	int rc;

	writer->size += VALUE_COST + len + (step ? step->len : 0);
	if (json_is_object(parent))
		rc = json_object_setn_new(parent, step->name, step->len, json);
	else
		rc = json_array_append_new(parent, json);
	if ((rc < 0 && errno == ENOMEM) || writer->size > TEXT_MAX)
		return too_long(writer);
	return rc < 0 ? fail(writer, "is not valid UTF-8") : 0;
}

static int number(struct writer *writer, json_t *parent, int idx)
{
	lua_Number number = lua_tonumber(writer->L, idx);
	char text[40];
	int whole;
	lua_Integer integer = lua_tointegerx(writer->L, idx, &whole);

	/* A count that was divided is still written as 5, not 5.0, which many readers refuse. */
	if (lua_isinteger(writer->L, idx) || (whole && fabs(number) <= 0x1p53))
		return add(writer, parent, json_integer(integer), 0);
	if (!isfinite(number))
		return fail(writer, "is not a finite number");
	for (; writer->digits < 17; writer->digits++) {
		snprintf(text, sizeof(text), "%.*g", writer->digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return add(writer, parent, json_real(number), 0);
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
		lua_pushvalue(L, result + 1);
		lua_pushvalue(L, result + 2);
		lua_pushvalue(L, result + 3);
		lua_call(L, 2, 2);
		if (lua_isnil(L, -2))
			break;
		lua_copy(L, -2, result + 3);
		lua_rawset(L, result);
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

static int elements(struct writer *writer, json_t *array, int idx, lua_Integer count)
{
	int rc = 0;

	for (lua_Integer i = 1; rc == 0 && i <= count; i++) {
		writer->path[writer->depth - 1] = (struct step){.index = i};
		lua_rawgeti(writer->L, idx, i);
		rc = value(writer, array, lua_gettop(writer->L));
		lua_pop(writer->L, 1);
	}
	return rc;
}

static int fields(struct writer *writer, json_t *object, int idx)
{
	struct step *step = &writer->path[writer->depth - 1];
	int rc = 0;

	lua_pushnil(writer->L);
	while (rc == 0 && lua_next(writer->L, idx)) {
		step->name = lua_tolstring(writer->L, -2, &step->len);
		rc = value(writer, object, lua_gettop(writer->L));
		lua_pop(writer->L, 1);
	}
	return rc;
}

static int plain_table(struct writer *writer, json_t *parent, int idx, bool marked)
{
	lua_State *L = writer->L;
	size_t positions = 0, names = 0;
	json_t *json;
	int rc;

	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING)
			names++;
		else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1)
			positions++;
		else
			return fail(writer, "has a key that is neither a name nor a position from 1 on");
	}
	if (positions && names)
		return fail(writer, "mixes names with positions: it is neither an object nor an array");
	if (positions != lua_rawlen(L, idx))
		return fail(writer, "has holes: write scale.null where an element is to be null");
	if (marked && names)
		return fail(writer, "is marked as an array but has names");
	errno = 0;
	json = positions || marked ? json_array() : json_object();
	rc = add(writer, parent, json, TABLE_COST);
	writer->depth++;
	if (rc == 0)
		rc = names ? fields(writer, json, idx) : elements(writer, json, idx, (lua_Integer)positions);
	writer->depth--;
	return rc;
}

static int table(struct writer *writer, json_t *parent, int idx)
{
	lua_State *L = writer->L;
	bool marked = is_marked(L, idx);
	int rc;

	if (writer->depth == DEPTH_MAX)
		return sr_fail(writer->err, SR_EINVAL, OP, "%s is nested deeper than %d, or contains itself",
			       writer->what, DEPTH_MAX);
	luaL_checkstack(L, 12, "no room for JSON");
	if (marked || luaL_getmetafield(L, idx, "__pairs") == LUA_TNIL)
		return plain_table(writer, parent, idx, marked);
	lua_pop(L, 1);
	flatten(L, idx);
	rc = plain_table(writer, parent, lua_gettop(L), false);
	lua_pop(L, 1);
	return rc;
}

static int value(struct writer *writer, json_t *parent, int idx)
{
	lua_State *L = writer->L;
	char problem[64];
	const char *text;
	size_t len;

	errno = 0;
	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		text = lua_tolstring(L, idx, &len);
		return add(writer, parent, json_stringn(text, len), len);
	case LUA_TNUMBER:
		return number(writer, parent, idx);
	case LUA_TBOOLEAN:
		return add(writer, parent, json_boolean(lua_toboolean(L, idx)), 0);
	case LUA_TTABLE:
		return table(writer, parent, idx);
	case LUA_TNIL:
		return fail(writer, "is nil: write scale.null for null");
	case LUA_TLIGHTUSERDATA:
		if (!lua_touserdata(L, idx))
			return add(writer, parent, json_null(), 0);
		break;
	}
	snprintf(problem, sizeof(problem), "is a %s, which JSON cannot say", luaL_typename(L, idx));
	return fail(writer, problem);
}

static int append(const char *text, size_t len, void *buf)
{
	return sr_buf_append(buf, text, len);
}

int sr_json_push_text(lua_State *L, int idx, const char *what, bool pretty, struct sr_error *err)
{
	struct writer writer = {.L = L, .what = what, .digits = 15, .err = err};
	size_t flags = JSON_ENCODE_ANY | JSON_SORT_KEYS | (pretty ? JSON_INDENT(2) : JSON_COMPACT);
	int top = lua_gettop(L), rc;
	struct sr_buf *buf;
	json_t **tree;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 6, "no room for JSON");
	tree = sr_json_push_tree(L);
	buf = sr_push_buf(L, TEXT_MAX);
	*tree = json_array(); /* of one: the value */
	rc = value(&writer, *tree, idx);
	flags |= JSON_REAL_PRECISION(writer.digits);
	if (rc == 0 && json_dump_callback(json_array_get(*tree, 0), append, buf, flags) < 0)
		rc = too_long(&writer);
	sr_json_drop_tree(tree);
	if (rc == 0) {
		lua_pushlstring(L, buf->data, buf->len);
		lua_replace(L, top + 1);
	}
	sr_buf_deinit(buf);
	lua_settop(L, rc == 0 ? top + 1 : top);
	return rc;
}

void sr_json_push_array_meta(lua_State *L)
{
	luaL_newmetatable(L, "scalerun.json.array");
}
