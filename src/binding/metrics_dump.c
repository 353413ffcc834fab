#include "metrics_dump.h"

#include <lauxlib.h>

static void dump_cell(void *arg, int64_t low, int64_t high, int64_t count)
{
	lua_State *L = arg;
	lua_Integer n = (lua_Integer)lua_rawlen(L, -1);

	(void)high;
	lua_pushinteger(L, low);
	lua_rawseti(L, -2, n + 1);
	lua_pushinteger(L, count);
	lua_rawseti(L, -2, n + 2);
}

static void set_integer(lua_State *L, const char *key, int64_t value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

/* Into the table at the top. */
static void dump_hist(lua_State *L, const struct sr_hist *hist)
{
	struct sr_hist_exact exact;

	sr_hist_exact(hist, &exact);
	set_integer(L, "min", exact.min);
	set_integer(L, "max", exact.max);
	set_integer(L, "sum", (int64_t)exact.sum);
	set_integer(L, "saturated", exact.saturated);
	lua_newtable(L);
	sr_hist_visit(hist, dump_cell, L);
	lua_setfield(L, -2, "cells");
}

static void set_error_count(void *arg, const char *kind, int64_t count)
{
	set_integer(arg, kind, count);
}

void sr_dump_series(lua_State *L, const struct sr_metrics *metrics, int series)
{
	const struct sr_hist *scheduled = sr_metrics_scheduled(metrics, series);

	lua_createtable(L, 0, 9);
	lua_pushstring(L, sr_metrics_name(metrics, series));
	lua_setfield(L, -2, "name");
	set_integer(L, "ok", sr_metrics_count_ok(metrics, series));
	dump_hist(L, sr_metrics_hist(metrics, series));
	if (scheduled) {
		lua_createtable(L, 0, 5);
		dump_hist(L, scheduled);
		lua_setfield(L, -2, "scheduled");
	}
	lua_newtable(L);
	sr_metrics_errors(metrics, series, set_error_count, L);
	lua_setfield(L, -2, "errors");
}

/* The integer in the field of the table at the top. */
static int64_t integer_of(lua_State *L, const char *key)
{
	int64_t value;
	int ok;

	lua_getfield(L, -1, key);
	value = lua_tointegerx(L, -1, &ok);
	if (!ok || (value < 0 && key[0] != 's'))
		luaL_error(L, "metrics.load: %s is no count", key);
	lua_pop(L, 1);
	return value;
}

/* From the table at the top. */
static void load_hist(lua_State *L, struct sr_hist *hist)
{
	struct sr_hist_exact exact = {.min = integer_of(L, "min"), .max = integer_of(L, "max")};

	exact.sum = (uint64_t)integer_of(L, "sum");
	exact.saturated = integer_of(L, "saturated");
	lua_getfield(L, -1, "cells");
	luaL_checktype(L, -1, LUA_TTABLE);
	for (lua_Integer i = 1; i < (lua_Integer)lua_rawlen(L, -1); i += 2) {
		lua_rawgeti(L, -1, i);
		lua_rawgeti(L, -2, i + 1);
		sr_hist_record_n(hist, luaL_checkinteger(L, -2), luaL_checkinteger(L, -1));
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
	if (sr_hist_count(hist) > 0 && sr_hist_set_exact(hist, &exact))
		luaL_error(L, "metrics.load: a least or greatest value does not fit its histogram");
}

void sr_load_series(lua_State *L, struct sr_metrics *metrics)
{
	struct sr_hist *scheduled;
	int series;

	lua_getfield(L, -1, "name");
	series = sr_metrics_series(metrics, luaL_checkstring(L, -1));
	lua_pop(L, 1);
	if (series < 0)
		luaL_error(L, "metrics.load: too many series, or out of memory");
	sr_metrics_restore(metrics, series, NULL, integer_of(L, "ok"));
	lua_getfield(L, -1, "errors");
	luaL_checktype(L, -1, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		luaL_checktype(L, -2, LUA_TSTRING);
		sr_metrics_restore(metrics, series, lua_tostring(L, -2), luaL_checkinteger(L, -1));
	}
	lua_pop(L, 1);
	if (lua_getfield(L, -1, "scheduled") != LUA_TNIL) {
		luaL_checktype(L, -1, LUA_TTABLE);
		scheduled = sr_metrics_scheduled_to_fill(metrics, series);
		if (!scheduled)
			luaL_error(L, "metrics.load: out of memory");
		load_hist(L, scheduled);
	}
	lua_pop(L, 1);
	load_hist(L, sr_metrics_hist_to_fill(metrics, series));
}
