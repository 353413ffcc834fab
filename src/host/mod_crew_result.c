/* What projects did, as Lua tables. */
#include "mod_crew.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/copy.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/history.h"
#include "scalerun/binding/metrics.h"

#include <lauxlib.h>

static void set_number(lua_State *L, const char *key, lua_Number value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, int64_t value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

static void set_seconds(lua_State *L, const char *key, int64_t ns)
{
	set_number(L, key, (lua_Number)ns / (lua_Number)SR_S);
}

/* Into the table at the top. */
static void set_counts(lua_State *L, const struct sr_counts *counts)
{
	set_integer(L, "iterations", counts->iterations);
	set_integer(L, "failed", counts->failed);
	set_integer(L, "late", counts->late);
	set_integer(L, "dropped", counts->dropped);
	lua_createtable(L, 0, 2);
	set_integer(L, "iterations", counts->warmup_iterations);
	set_integer(L, "failed", counts->warmup_failed);
	lua_setfield(L, -2, "warmup");
}

static void set_strain(lua_State *L, const struct sr_strain *strain)
{
	set_seconds(L, "loop_longest", strain->loop_longest);
	set_seconds(L, "loop_busy", strain->loop_busy);
	set_seconds(L, "cpu", strain->cpu);
	lua_createtable(L, 0, 4);
	set_integer(L, "count", strain->gc.count);
	set_integer(L, "unmeasured", strain->gc.unmeasured);
	set_seconds(L, "total", strain->gc.total);
	set_seconds(L, "longest", strain->gc.longest);
	lua_setfield(L, -2, "gc");
}

void crew_push_result(lua_State *L, struct sr_crew *crew, int index)
{
	struct sr_crew_result result;
	struct sr_metrics *metrics;
	struct sr_history *history;

	sr_crew_result(crew, index, &result);
	lua_createtable(L, 0, 16);
	lua_pushstring(L, result.id);
	lua_setfield(L, -2, "id");
	if (result.status < 0) {
		sr_push_error(L, result.err);
		lua_setfield(L, -2, "error");
	} else if (result.answer_len) {
		sr_copy_in(L, result.answer, result.answer_len);
		lua_setfield(L, -2, "answer");
	}
	set_seconds(L, "started", result.started);
	set_seconds(L, "ended", result.ended);
	set_counts(L, &result.counts);
	set_strain(L, &result.strain);
	metrics = sr_crew_take_metrics(crew, index);
	if (metrics) {
		sr_push_metrics(L, metrics);
		lua_setfield(L, -2, "metrics");
	}
	history = sr_crew_take_history(crew, index);
	if (history) {
		sr_push_history(L, history);
		lua_setfield(L, -2, "history");
	}
}

void crew_push_live(lua_State *L, const struct sr_crew *crew, int index, bool with_metrics)
{
	struct sr_crew_result result;

	sr_crew_result(crew, index, &result);
	lua_createtable(L, 0, 9);
	lua_pushstring(L, result.id);
	lua_setfield(L, -2, "id");
	set_counts(L, &result.counts);
	if (result.counts.total >= 0)
		set_integer(L, "total", result.counts.total);
	lua_pushboolean(L, result.counts.done);
	lua_setfield(L, -2, "done");
	if (with_metrics) {
		struct sr_metrics *metrics = sr_metrics_new();

		if (!metrics)
			luaL_error(L, "crew.live: out of memory");
		sr_push_metrics(L, metrics);
		if (sr_crew_merge_live(crew, index, metrics))
			luaL_error(L, "crew.live: out of memory");
		lua_setfield(L, -2, "metrics");
	}
}
