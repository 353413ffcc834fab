/* scalerun.core.metrics: series of counts and latencies; seconds in Lua. */
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/state.h"

#include <lauxlib.h>
#include <string.h>

#define METRICS_META "scalerun.metrics"

struct holder {
	struct sr_metrics *owned; /* NULL: the state's own, whichever is current */
};

static struct sr_metrics *check_metrics(lua_State *L, int arg)
{
	struct holder *holder = luaL_checkudata(L, arg, METRICS_META);

	return holder->owned ? holder->owned : sr_state_metrics(sr_state_of(L));
}

static struct holder *push_holder(lua_State *L)
{
	struct holder *holder = lua_newuserdatauv(L, sizeof(*holder), 0);

	holder->owned = NULL;
	luaL_setmetatable(L, METRICS_META);
	return holder;
}

void sr_push_metrics(lua_State *L, struct sr_metrics *metrics)
{
	luaL_requiref(L, "scalerun.core.metrics", sr_open_core_metrics, 0);
	lua_pop(L, 1);
	push_holder(L)->owned = metrics;
}

void sr_record_op(lua_State *L, const char *series, const struct sr_op *op, const char *kind)
{
	struct sr_metrics *metrics = sr_state_metrics(sr_state_of(L));
	int id = sr_metrics_series(metrics, series);
	int64_t latency = op->ended - op->started;

	if (id < 0)
		return;
	if (op->status == 0)
		sr_metrics_ok(metrics, id, latency);
	else
		sr_metrics_failed(metrics, id, latency, kind && kind[0] ? kind : sr_code_name(op->err.code));
}

static int l_gc(lua_State *L)
{
	struct holder *holder = luaL_checkudata(L, 1, METRICS_META);

	sr_metrics_free(holder->owned);
	holder->owned = NULL;
	return 0;
}

static int find_series(struct sr_metrics *metrics, const char *name)
{
	for (int i = 0; i < sr_metrics_count(metrics); i++)
		if (strcmp(sr_metrics_name(metrics, i), name) == 0)
			return i;
	return -1;
}

/* m:series() → names, in the order of their first use */
static int l_series(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);

	lua_newtable(L);
	for (int i = 0; i < sr_metrics_count(metrics); i++) {
		lua_pushstring(L, sr_metrics_name(metrics, i));
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static void set_seconds(lua_State *L, const char *key, double ns)
{
	lua_pushnumber(L, ns / (double)SR_S);
	lua_setfield(L, -2, key);
}

static void set_error_count(void *arg, const char *kind, int64_t count)
{
	lua_State *L = arg;

	lua_pushinteger(L, count);
	lua_setfield(L, -2, kind);
}

/* m:get(name) → the series' numbers, or nil when nothing has that name */
static int l_get(lua_State *L)
{
	static const struct {
		const char *key;
		double percent;
	} percentiles[] = {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p999", 99.9}};
	struct sr_metrics *metrics = check_metrics(L, 1);
	int series = find_series(metrics, luaL_checkstring(L, 2));
	const struct sr_hist *hist;

	if (series < 0)
		return 0;
	hist = sr_metrics_hist(metrics, series);
	lua_createtable(L, 0, 14);
	lua_pushinteger(L, sr_metrics_count_ok(metrics, series));
	lua_setfield(L, -2, "ok");
	lua_pushinteger(L, sr_metrics_count_failed(metrics, series));
	lua_setfield(L, -2, "failed");
	lua_pushinteger(L, sr_hist_count(hist));
	lua_setfield(L, -2, "count");
	set_seconds(L, "min", (double)sr_hist_min(hist));
	set_seconds(L, "max", (double)sr_hist_max(hist));
	set_seconds(L, "mean", sr_hist_mean(hist));
	set_seconds(L, "stddev", sr_hist_stddev(hist));
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		set_seconds(L, percentiles[i].key, (double)sr_hist_percentile(hist, percentiles[i].percent));
	lua_newtable(L);
	sr_metrics_errors(metrics, series, set_error_count, L);
	lua_setfield(L, -2, "errors");
	return 1;
}

/* m:percentile(name, percent) → seconds, or nil when nothing was recorded under that name */
static int l_percentile(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);
	int series = find_series(metrics, luaL_checkstring(L, 2));
	lua_Number percent = luaL_checknumber(L, 3);

	luaL_argcheck(L, percent >= 0 && percent <= 100, 3, "a percentile lies between 0 and 100");
	if (series < 0 || sr_hist_count(sr_metrics_hist(metrics, series)) == 0)
		return 0;
	lua_pushnumber(L, (lua_Number)sr_hist_percentile(sr_metrics_hist(metrics, series), percent) / (lua_Number)SR_S);
	return 1;
}

/* m:record(name, duration [, error kind]) */
static int l_record(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);
	const char *name = luaL_checkstring(L, 2);
	int64_t duration = sr_check_duration(L, 3);
	const char *kind = luaL_optstring(L, 4, NULL);
	int series = sr_metrics_series(metrics, name);

	if (series < 0)
		return luaL_error(
		    L, "metrics.record: too many different series; '%s' would be another (names must not carry ids)",
		    name);
	if (kind)
		sr_metrics_failed(metrics, series, duration, kind);
	else
		sr_metrics_ok(metrics, series, duration);
	return 0;
}

/* current() → the metrics of this project (or of the conductor) */
static int l_current(lua_State *L)
{
	push_holder(L);
	return 1;
}

/* merge(list of metrics) → new metrics */
static int l_merge(lua_State *L)
{
	struct holder *holder;
	lua_Integer n;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = luaL_len(L, 1);
	holder = push_holder(L);
	holder->owned = sr_metrics_new();
	for (lua_Integer i = 1; holder->owned && i <= n; i++) {
		lua_geti(L, 1, i);
		if (sr_metrics_merge(holder->owned, check_metrics(L, -1)))
			return luaL_error(L, "metrics.merge: out of memory");
		lua_pop(L, 1);
	}
	if (!holder->owned)
		return luaL_error(L, "metrics.merge: out of memory");
	return 1;
}

static const luaL_Reg methods[] = {
    {"series", l_series}, {"get", l_get}, {"percentile", l_percentile},
    {"record", l_record}, {"__gc", l_gc}, {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"current", l_current},
    {"merge", l_merge},
    {NULL, NULL},
};

int sr_open_core_metrics(lua_State *L)
{
	sr_class_register(L, METRICS_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
