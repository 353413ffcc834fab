/* Histories in Lua's hands, and several of them as one. */
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/json.h"
#include "scalerun/binding/modules.h"

#include <string.h>

#define HISTORY_META "scalerun.history"
#define SET_META     "scalerun.history.set"

#define MEMORY ((size_t)256 << 20)

struct sr_history_budget *sr_history_memory(void)
{
	static struct sr_history_budget budget = {.most = MEMORY};

	return &budget;
}

void sr_push_history(lua_State *L, struct sr_history *history)
{
	struct sr_history **holder;

	luaL_requiref(L, "scalerun.core.history", sr_open_core_history, 0);
	lua_pop(L, 1);
	holder = lua_newuserdatauv(L, sizeof(*holder), 0);
	*holder = history;
	luaL_setmetatable(L, HISTORY_META);
}

struct sr_history *sr_lhist_check(lua_State *L, int arg)
{
	return *(struct sr_history **)luaL_checkudata(L, arg, HISTORY_META);
}

static int history_gc(lua_State *L)
{
	struct sr_history **holder = luaL_checkudata(L, 1, HISTORY_META);

	sr_history_free(*holder);
	*holder = NULL;
	return 0;
}

static int history_count(lua_State *L)
{
	lua_pushinteger(L, sr_history_count(sr_lhist_check(L, 1)));
	return 1;
}

const struct history_set *sr_lhist_check_set(lua_State *L, int arg)
{
	return luaL_checkudata(L, arg, SET_META);
}

static const char *label(lua_State *L, const char *name)
{
	const char *text;

	lua_getfield(L, -1, name);
	text = lua_isnil(L, -1) ? "" : luaL_checkstring(L, -1);
	lua_pop(L, 1); /* the table keeps it */
	return text;
}

/* set({ { history =, scenario =, phase =, arm =, project = }… }) → set. A part's labels are given once: where it has
 * some, they stay. */
int sr_lhist_new_set(lua_State *L)
{
	struct history_set *set;
	int count;

	luaL_checktype(L, 1, LUA_TTABLE);
	count = (int)luaL_len(L, 1);
	set = lua_newuserdatauv(L, sizeof(*set) + (size_t)count * sizeof(set->parts[0]), 1);
	set->count = 0;
	luaL_setmetatable(L, SET_META);
	lua_newtable(L); /* keeps the parts alive */
	for (int i = 1; i <= count; i++) {
		struct sr_history_labels labels;
		struct sr_history *history;
		struct sr_error err;

		lua_geti(L, 1, i);
		lua_getfield(L, -1, "history");
		history = sr_lhist_check(L, -1);
		lua_rawseti(L, -3, i);
		labels = (struct sr_history_labels){label(L, "scenario"), label(L, "phase"), label(L, "arm"),
						    label(L, "project")};
		if (!sr_history_labels(history)->project[0] && sr_history_label(history, &labels))
			return luaL_error(L, "history: out of memory");
		sr_history_seal(history, &err); /* what cannot be read then counts as lost */
		set->parts[set->count++] = history;
		lua_pop(L, 1);
	}
	lua_setiuservalue(L, -2, 1);
	return 1;
}

static const char *query_text(lua_State *L, int arg, const char *name)
{
	const char *text;

	lua_getfield(L, arg, name);
	if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "history: %s must be a string", name);
	text = lua_tostring(L, -1);
	lua_pop(L, 1);
	return text;
}

void sr_lhist_query(lua_State *L, int arg, struct sr_history_query *query)
{
	const struct history_set *set = sr_lhist_check_set(L, 1);

	*query = (struct sr_history_query){.parts = set->parts, .count = set->count};
	if (lua_isnoneornil(L, arg))
		return;
	luaL_checktype(L, arg, LUA_TTABLE);
	query->kind = query_text(L, arg, "kind");
	query->f = query_text(L, arg, "f");
	query->key = query_text(L, arg, "key");
	query->project = query_text(L, arg, "project");
	query->phase = query_text(L, arg, "phase");
	query->arm = query_text(L, arg, "arm");
	query->replica = query_text(L, arg, "replica");
}

static void set_text(lua_State *L, const char *name, const char *text)
{
	if (!text[0])
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

static void set_seconds(lua_State *L, const char *name, int64_t ns)
{
	lua_pushnumber(L, (lua_Number)ns / (lua_Number)SR_S);
	lua_setfield(L, -2, name);
}

static void set_json(lua_State *L, const char *name, struct sr_text json)
{
	struct sr_error err;
	const char *text;

	if (!json.len)
		return;
	text = lua_pushlstring(L, json.data, json.len);
	if (sr_json_decode(L, text, json.len, &err) == 0)
		lua_remove(L, -2); /* else the text itself: a tampered file's */
	lua_setfield(L, -2, name);
}

void sr_lhist_push_op(lua_State *L, const struct sr_history_op *op)
{
	const struct sr_history_labels *labels = sr_history_labels(op->history);

	luaL_checkstack(L, 8, "no room for an op");
	lua_createtable(L, 0, 16);
	set_text(L, "project", labels->project);
	set_text(L, "phase", labels->phase);
	set_text(L, "arm", labels->arm);
	set_text(L, "kind", op->kind);
	set_text(L, "f", op->f);
	set_text(L, "error", op->error);
	set_text(L, "replica", op->replica);
	set_json(L, "input", op->input);
	set_json(L, "output", op->output);
	set_seconds(L, "scheduled", op->scheduled);
	set_seconds(L, "started", op->started);
	set_seconds(L, "ended", op->ended);
	lua_pushinteger(L, op->user);
	lua_setfield(L, -2, "user");
	lua_pushinteger(L, op->iteration);
	lua_setfield(L, -2, "iteration");
	lua_pushinteger(L, op->attempt);
	lua_setfield(L, -2, "attempt");
	if (op->key.len) {
		lua_pushlstring(L, op->key.data, op->key.len);
		lua_setfield(L, -2, "key");
	}
}

/* set:count(query) → ops, failed */
static int l_count(lua_State *L)
{
	struct sr_history_query query;
	struct sr_history_walk walk;
	struct sr_history_op op;
	lua_Integer count = 0, failed = 0;

	sr_lhist_query(L, 2, &query);
	sr_history_walk_begin(&walk, &query);
	while (sr_history_walk_next(&walk, &op)) {
		count++;
		failed += op.error[0] != 0;
	}
	lua_pushinteger(L, count);
	lua_pushinteger(L, failed);
	return 2;
}

/* set:replicas() → { name → true } of those that answered */
static int l_replicas(lua_State *L)
{
	struct sr_history_query query;
	struct sr_history_walk walk;
	struct sr_history_op op;
	const char *last = "";

	sr_lhist_query(L, 2, &query);
	sr_history_walk_begin(&walk, &query);
	lua_newtable(L);
	while (sr_history_walk_next(&walk, &op)) {
		if (op.replica == last || !op.replica[0])
			continue;
		last = op.replica;
		lua_pushboolean(L, true);
		lua_setfield(L, -2, last);
	}
	return 1;
}

/* set:lost() → ops that are not in it, bytes that were spilled */
static int l_lost(lua_State *L)
{
	const struct history_set *set = sr_lhist_check_set(L, 1);
	lua_Integer lost = 0, spilled = 0;

	for (int i = 0; i < set->count; i++) {
		lost += sr_history_lost(set->parts[i]);
		spilled += (lua_Integer)sr_history_spilled(set->parts[i]);
	}
	lua_pushinteger(L, lost);
	lua_pushinteger(L, spilled);
	return 2;
}

/* Upvalues: the set, the query's table, the walk. */
static int next_op(lua_State *L)
{
	struct {
		struct sr_history_query query;
		struct sr_history_walk walk;
	} *state = lua_touserdata(L, lua_upvalueindex(3));
	struct sr_history_op op;

	if (!sr_history_walk_next(&state->walk, &op))
		return 0;
	sr_lhist_push_op(L, &op);
	return 1;
}

/* set:ops(query) → iterator of ops */
static int l_ops(lua_State *L)
{
	struct {
		struct sr_history_query query;
		struct sr_history_walk walk;
	} * state;

	lua_settop(L, 2);
	state = lua_newuserdatauv(L, sizeof(*state), 0);
	sr_lhist_query(L, 2, &state->query);
	sr_history_walk_begin(&state->walk, &state->query);
	lua_pushcclosure(L, next_op, 3);
	return 1;
}

static const luaL_Reg history_methods[] = {{"count", history_count}, {"__gc", history_gc}, {NULL, NULL}};

static const luaL_Reg set_methods[] = {
    {"count", l_count},
    {"replicas", l_replicas},
    {"lost", l_lost},
    {"ops", l_ops},
    {"write", sr_lhist_write},
    {"unique", sr_lhist_unique},
    {"sequence", sr_lhist_sequence},
    {"real_time_order", sr_lhist_order},
    {"foreign_markers", sr_lhist_markers},
    {"read_your_writes", sr_lhist_reads},
    {"lost_writes", sr_lhist_lost_writes},
    {"timeline", sr_lhist_timeline},
    {"span", sr_lhist_span},
    {NULL, NULL},
};

void sr_lhist_register_set(lua_State *L)
{
	sr_class_register(L, HISTORY_META, history_methods, NULL);
	sr_class_register(L, SET_META, set_methods, NULL);
}
