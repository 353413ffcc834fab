/* scalerun.core.metrics: series of counts and latencies; seconds in Lua. */
#include "metrics_dump.h"
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>
#include <string.h>

#define METRICS_META "scalerun.metrics"

struct holder {
	struct sr_metrics *owned; /* NULL: the state's own, whichever is current */
};

struct sr_metrics *sr_metrics_of(lua_State *L)
{
	struct sr_state *state = sr_state_of(L);

	return sr_task_muted(L) ? state->unheard : state->metrics;
}

static struct sr_metrics *check_metrics(lua_State *L, int arg)
{
	struct holder *holder = luaL_checkudata(L, arg, METRICS_META);

	return holder->owned ? holder->owned : sr_metrics_of(L);
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

void sr_record(lua_State *L, int series, int64_t started, int64_t ended, const char *kind)
{
	int64_t scheduled = sr_task_scheduled(L, SR_TAKER_METRICS, started);

	sr_metrics_record(sr_metrics_of(L), series, ended - started, started - scheduled, kind);
}

void sr_record_op(lua_State *L, const char *series, const struct sr_op *op, const char *kind)
{
	int id = sr_metrics_series(sr_metrics_of(L), series);

	if (id < 0)
		return;
	if (op->status == 0)
		kind = NULL;
	else if (!kind || !kind[0])
		kind = sr_code_name(op->err.code);
	sr_record(L, id, op->started, op->ended, kind);
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

/* Sets the numbers of a histogram in the table at the top. */
static void set_numbers(lua_State *L, const struct sr_hist *hist)
{
	static const struct {
		const char *key;
		double percent;
	} percentiles[] = {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p995", 99.5}, {"p999", 99.9}};

	set_seconds(L, "min", (double)sr_hist_min(hist));
	set_seconds(L, "max", (double)sr_hist_max(hist));
	set_seconds(L, "mean", sr_hist_mean(hist));
	set_seconds(L, "stddev", sr_hist_stddev(hist));
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		set_seconds(L, percentiles[i].key, (double)sr_hist_percentile(hist, percentiles[i].percent));
}

/* m:get(name) → the series' numbers, or nil when nothing has that name; scheduled: those from the schedule, where
 * some operation began after its own */
static int l_get(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);
	int series = find_series(metrics, luaL_checkstring(L, 2));
	const struct sr_hist *scheduled;

	if (series < 0)
		return 0;
	lua_createtable(L, 0, 15);
	lua_pushinteger(L, sr_metrics_count_ok(metrics, series));
	lua_setfield(L, -2, "ok");
	lua_pushinteger(L, sr_metrics_count_failed(metrics, series));
	lua_setfield(L, -2, "failed");
	lua_pushinteger(L, sr_hist_count(sr_metrics_hist(metrics, series)));
	lua_setfield(L, -2, "count");
	set_numbers(L, sr_metrics_hist(metrics, series));
	scheduled = sr_metrics_scheduled(metrics, series);
	if (scheduled) {
		lua_createtable(L, 0, 10);
		set_numbers(L, scheduled);
		lua_setfield(L, -2, "scheduled");
	}
	lua_newtable(L);
	sr_metrics_errors(metrics, series, set_error_count, L);
	lua_setfield(L, -2, "errors");
	return 1;
}

/* m:percentile(name, percent [, scheduled]) → seconds, or nil when nothing was recorded under that name; scheduled:
 * from the schedule, which is the same where every operation began on its own */
static int l_percentile(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);
	int series = find_series(metrics, luaL_checkstring(L, 2));
	lua_Number percent = luaL_checknumber(L, 3);
	const struct sr_hist *hist;

	luaL_argcheck(L, percent >= 0 && percent <= 100, 3, "a percentile lies between 0 and 100");
	hist = series >= 0 && lua_toboolean(L, 4) ? sr_metrics_scheduled(metrics, series) : NULL;
	if (series >= 0 && !hist)
		hist = sr_metrics_hist(metrics, series);
	if (!hist || sr_hist_count(hist) == 0)
		return 0;
	lua_pushnumber(L, (lua_Number)sr_hist_percentile(hist, percent) / (lua_Number)SR_S);
	return 1;
}

/* m:histogram(name) → its histogram as text, or nil when nothing was recorded under that name */
static int l_histogram(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);
	int series = find_series(metrics, luaL_checkstring(L, 2));

	return series < 0 ? 0 : sr_push_hist_text(L, sr_metrics_hist(metrics, series));
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

/* m:dump() → plain data of which load makes the same metrics: { { name, ok, errors = { kind = n }, cells = { lowest
 * value, count, … }, min, max, sum, saturated, scheduled = { cells, min, max, sum, saturated } or nil }… }, nanoseconds
 */
static int l_dump(lua_State *L)
{
	struct sr_metrics *metrics = check_metrics(L, 1);

	lua_newtable(L);
	for (int i = 0; i < sr_metrics_count(metrics); i++) {
		sr_dump_series(L, metrics, i);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* load(what dump returned) → new metrics */
static int l_load(lua_State *L)
{
	struct holder *holder;

	luaL_checktype(L, 1, LUA_TTABLE);
	holder = push_holder(L);
	holder->owned = sr_metrics_new();
	if (!holder->owned)
		return luaL_error(L, "metrics.load: out of memory");
	for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 1); i++) {
		lua_rawgeti(L, 1, i);
		luaL_checktype(L, -1, LUA_TTABLE);
		sr_load_series(L, holder->owned);
		lua_pop(L, 1);
	}
	return 1;
}

/* is(value) → whether it is metrics */
static int l_is(lua_State *L)
{
	lua_pushboolean(L, luaL_testudata(L, 1, METRICS_META) != NULL);
	return 1;
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
    {"series", l_series},
    {"get", l_get},
    {"percentile", l_percentile},
    {"histogram", l_histogram},
    {"record", l_record},
    {"dump", l_dump},
    {"__gc", l_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"current", l_current}, {"merge", l_merge}, {"load", l_load}, {"is", l_is}, {NULL, NULL},
};

int sr_open_core_metrics(lua_State *L)
{
	sr_class_register(L, METRICS_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
