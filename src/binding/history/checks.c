/* The checkers, and what they found as tables: { problem =, value =, number =, op =, other =, owner = }. */
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/copy.h"

#include <stdlib.h>
#include <string.h>

static int failed(lua_State *L, int rc)
{
	return luaL_error(L, rc == -SR_ELIMIT ? "history: too long a range" : "history: out of memory");
}

static void push_finding(lua_State *L, const struct sr_finding *finding)
{
	lua_createtable(L, 0, 6);
	lua_pushstring(L, finding->problem);
	lua_setfield(L, -2, "problem");
	if (finding->value.len) {
		lua_pushlstring(L, finding->value.data, finding->value.len);
		lua_setfield(L, -2, "value");
	}
	lua_pushinteger(L, finding->number);
	lua_setfield(L, -2, "number");
	if (finding->owner) {
		lua_pushstring(L, finding->owner);
		lua_setfield(L, -2, "owner");
	}
	if (finding->op.row) {
		sr_lhist_push_op(L, &finding->op);
		lua_setfield(L, -2, "op");
	}
	if (finding->other.row) {
		sr_lhist_push_op(L, &finding->other);
		lua_setfield(L, -2, "other");
	}
}

/* Findings (a list with total, looked_at, ops, distinct, missing, extra, repeated, controls). */
static int push_findings(lua_State *L, int rc, const struct sr_findings *findings)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
	    {"total", findings->total},       {"looked_at", findings->looked_at}, {"ops", findings->ops},
	    {"distinct", findings->distinct}, {"missing", findings->missing},     {"extra", findings->extra},
	    {"repeated", findings->repeated}, {"controls", findings->controls},
	};

	if (rc)
		return failed(L, rc);
	lua_createtable(L, findings->kept, 8);
	for (int i = 0; i < findings->kept; i++) {
		push_finding(L, &findings->list[i]);
		lua_rawseti(L, -2, i + 1);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		lua_pushinteger(L, numbers[i].value);
		lua_setfield(L, -2, numbers[i].name);
	}
	return 1;
}

static struct sr_findings *new_findings(lua_State *L)
{
	return lua_newuserdatauv(L, sizeof(struct sr_findings), 0);
}

/* set:unique(query, per_project) */
int sr_lhist_unique(lua_State *L)
{
	struct sr_findings *findings = new_findings(L);
	struct sr_history_query query;

	sr_lhist_query(L, 2, &query);
	return push_findings(L, sr_history_unique(&query, lua_toboolean(L, 3), findings), findings);
}

/* set:sequence(query, prefix, low, high) */
int sr_lhist_sequence(lua_State *L)
{
	struct sr_history_query query;
	struct sr_findings *findings;
	const char *prefix = luaL_checkstring(L, 3);
	lua_Integer low = luaL_checkinteger(L, 4), high = luaL_checkinteger(L, 5);

	luaL_argcheck(L, low >= 0 && low <= high, 4, "the range must not be empty");
	sr_lhist_query(L, 2, &query);
	findings = new_findings(L);
	return push_findings(L, sr_history_sequence(&query, prefix, low, high, findings), findings);
}

/* set:real_time_order(query, per_project) */
int sr_lhist_order(lua_State *L)
{
	struct sr_findings *findings = new_findings(L);
	struct sr_history_query query;

	sr_lhist_query(L, 2, &query);
	return push_findings(L, sr_history_real_time_order(&query, lua_toboolean(L, 3), findings), findings);
}

/* set:foreign_markers(query, { { project, marker }… }) */
int sr_lhist_markers(lua_State *L)
{
	struct sr_history_marker *markers;
	struct sr_history_query query;
	struct sr_findings *findings;
	int count;

	luaL_checktype(L, 3, LUA_TTABLE);
	count = (int)luaL_len(L, 3);
	sr_lhist_query(L, 2, &query);
	markers = lua_newuserdatauv(L, (size_t)count * sizeof(*markers) + 1, 0);
	for (int i = 0; i < count; i++) {
		lua_geti(L, 3, i + 1);
		luaL_checktype(L, -1, LUA_TTABLE);
		lua_geti(L, -1, 1);
		lua_geti(L, -2, 2);
		markers[i] = (struct sr_history_marker){luaL_checkstring(L, -2), luaL_checkstring(L, -1)};
		luaL_argcheck(L, markers[i].marker[0], 3, "a marker must not be empty");
		lua_pop(L, 3);
	}
	findings = new_findings(L);
	return push_findings(L, sr_history_foreign_markers(&query, markers, count, findings), findings);
}

/* set:read_your_writes(query, per_user) */
int sr_lhist_reads(lua_State *L)
{
	struct sr_findings *findings = new_findings(L);
	struct sr_history_query query;

	sr_lhist_query(L, 2, &query);
	return push_findings(L, sr_history_read_your_writes(&query, lua_toboolean(L, 3), findings), findings);
}

struct span {
	size_t from, len;
};

/* Where in the buffer the JSON of the field "value" of the table at the top is. */
static struct span encode_value(lua_State *L, struct sr_buf *buf)
{
	struct span span = {.from = buf->len};

	lua_getfield(L, -1, "value");
	sr_lhist_encode(L, -1, "value", buf);
	lua_pop(L, 1);
	span.len = buf->len - span.from;
	return span;
}

/* set:lost_writes(query, { { key =, project =, value = }… }) */
int sr_lhist_lost_writes(lua_State *L)
{
	struct sr_history_query query;
	struct sr_history_found *found;
	struct sr_findings *findings;
	struct span *values;
	struct sr_buf *buf;
	int count;

	luaL_checktype(L, 3, LUA_TTABLE);
	count = (int)luaL_len(L, 3);
	sr_lhist_query(L, 2, &query);
	found = lua_newuserdatauv(L, (size_t)count * sizeof(*found) + 1, 0);
	values = lua_newuserdatauv(L, (size_t)count * sizeof(*values) + 1, 0);
	findings = new_findings(L);
	buf = sr_push_buf(L, (size_t)1 << 30);
	for (int i = 0; i < count; i++) {
		lua_geti(L, 3, i + 1);
		luaL_checktype(L, -1, LUA_TTABLE);
		lua_getfield(L, -1, "key");
		found[i] = (struct sr_history_found){.project = ""};
		found[i].key.data = luaL_checklstring(L, -1, &found[i].key.len);
		lua_pop(L, 1);
		lua_getfield(L, -1, "project");
		if (!lua_isnil(L, -1))
			found[i].project = luaL_checkstring(L, -1);
		lua_pop(L, 1);
		values[i] = encode_value(L, buf);
		lua_pop(L, 1);
	}
	for (int i = 0; i < count; i++)
		found[i].value = (struct sr_text){buf->data + values[i].from, values[i].len};
	return push_findings(L, sr_history_lost_writes(&query, found, count, findings), findings);
}

static void set_column(lua_State *L, const char *name, const struct sr_history_interval *intervals, int count,
		       size_t offset, lua_Number unit)
{
	lua_createtable(L, count, 0);
	for (int i = 0; i < count; i++) {
		int64_t value = *(const int64_t *)((const char *)&intervals[i] + offset);

		if (unit > 1)
			lua_pushnumber(L, (lua_Number)value / unit);
		else
			lua_pushinteger(L, value);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, name);
}

/* set:timeline(query, origin, interval) → { count =, failed =, p50 =, p95 =, max = }, each a list; seconds */
int sr_lhist_timeline(lua_State *L)
{
	lua_Number origin = luaL_checknumber(L, 3), interval = luaL_checknumber(L, 4);
	struct sr_history_interval *intervals, *copy;
	struct sr_history_query query;
	int count, rc;

	luaL_argcheck(L, interval >= 1e-3, 4, "an interval of at least 1 ms is wanted");
	sr_lhist_query(L, 2, &query);
	rc = sr_history_timeline(&query, (int64_t)(origin * (lua_Number)SR_S), (int64_t)(interval * (lua_Number)SR_S),
				 &intervals, &count);
	if (rc)
		return failed(L, rc);
	copy = lua_newuserdatauv(L, (size_t)count * sizeof(*copy) + 1, 0);
	if (count)
		memcpy(copy, intervals, (size_t)count * sizeof(*copy));
	free(intervals);
	lua_createtable(L, 0, 5);
	set_column(L, "count", copy, count, offsetof(struct sr_history_interval, count), 1);
	set_column(L, "failed", copy, count, offsetof(struct sr_history_interval, failed), 1);
	set_column(L, "p50", copy, count, offsetof(struct sr_history_interval, p50), (lua_Number)SR_S);
	set_column(L, "p95", copy, count, offsetof(struct sr_history_interval, p95), (lua_Number)SR_S);
	set_column(L, "max", copy, count, offsetof(struct sr_history_interval, max), (lua_Number)SR_S);
	return 1;
}

/* set:span(query) → when the first began, when the last ended; nil when there is none */
int sr_lhist_span(lua_State *L)
{
	struct sr_history_query query;
	int64_t first, last;

	sr_lhist_query(L, 2, &query);
	if (!sr_history_span(&query, &first, &last))
		return 0;
	lua_pushnumber(L, (lua_Number)first / (lua_Number)SR_S);
	lua_pushnumber(L, (lua_Number)last / (lua_Number)SR_S);
	return 2;
}
