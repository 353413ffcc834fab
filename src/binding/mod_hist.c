/* scalerun.core.hist: histograms of durations, as reports store them; seconds in Lua. */
#include "scalerun/base/clock.h"
#include "scalerun/base/hist.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/copy.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/modules.h"

#include <lauxlib.h>

#define HIST_META   "scalerun.histogram"
#define ENCODED_MAX ((size_t)1 << 20)

struct holder {
	struct sr_hist *hist;
};

static struct sr_hist *check_hist(lua_State *L, int arg)
{
	struct holder *holder = luaL_checkudata(L, arg, HIST_META);

	luaL_argcheck(L, holder->hist, arg, "the histogram is collected already");
	return holder->hist;
}

int sr_push_hist_text(lua_State *L, const struct sr_hist *hist)
{
	struct sr_buf *text = sr_push_buf(L, ENCODED_MAX);
	struct sr_error err;

	if (sr_hist_encode(hist, text, &err))
		return luaL_error(L, "%s", err.text);
	lua_pushlstring(L, text->data, text->len);
	sr_buf_deinit(text);
	lua_remove(L, -2);
	return 1;
}

static int l_gc(lua_State *L)
{
	struct holder *holder = luaL_checkudata(L, 1, HIST_META);

	sr_hist_free(holder->hist);
	holder->hist = NULL;
	return 0;
}

/* new() → an empty histogram */
static int l_new(lua_State *L)
{
	struct holder *holder = lua_newuserdatauv(L, sizeof(*holder), 0);

	holder->hist = NULL;
	luaL_setmetatable(L, HIST_META);
	holder->hist = sr_hist_new();
	return holder->hist ? 1 : luaL_error(L, "histogram: out of memory");
}

/* h:add(text) → h, with what the text holds added; or nil, error: not a histogram */
static int l_add(lua_State *L)
{
	struct sr_hist *hist = check_hist(L, 1);
	struct sr_error err;
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);

	if (sr_hist_decode(text, len, hist, &err))
		return sr_push_failure(L, &err);
	lua_settop(L, 1);
	return 1;
}

/* h:encode() → text */
static int l_encode(lua_State *L)
{
	return sr_push_hist_text(L, check_hist(L, 1));
}

/* h:record(seconds [, count]) */
static int l_record(lua_State *L)
{
	struct sr_hist *hist = check_hist(L, 1);
	lua_Number seconds = luaL_checknumber(L, 2);

	luaL_argcheck(L, seconds >= 0 && seconds <= 1e9, 2, "not a duration");
	sr_hist_record_n(hist, (int64_t)(seconds * (lua_Number)SR_S + 0.5), luaL_optinteger(L, 3, 1));
	return 0;
}

static int l_count(lua_State *L)
{
	lua_pushinteger(L, sr_hist_count(check_hist(L, 1)));
	return 1;
}

static int push_seconds(lua_State *L, double ns)
{
	lua_pushnumber(L, ns / (double)SR_S);
	return 1;
}

static int l_mean(lua_State *L)
{
	return push_seconds(L, sr_hist_mean(check_hist(L, 1)));
}

static int l_min(lua_State *L)
{
	return push_seconds(L, (double)sr_hist_min(check_hist(L, 1)));
}

static int l_max(lua_State *L)
{
	return push_seconds(L, (double)sr_hist_max(check_hist(L, 1)));
}

/* h:percentile(percent) → seconds; 0 when it is empty */
static int l_percentile(lua_State *L)
{
	return push_seconds(L, (double)sr_hist_percentile(check_hist(L, 1), luaL_checknumber(L, 2)));
}

struct list {
	lua_State *L;
	lua_Integer len;
};

static void add_cell(void *arg, int64_t low, int64_t high, int64_t count)
{
	struct list *list = arg;

	lua_pushnumber(list->L, (lua_Number)low / (lua_Number)SR_S);
	lua_rawseti(list->L, -2, ++list->len);
	lua_pushnumber(list->L, (lua_Number)high / (lua_Number)SR_S);
	lua_rawseti(list->L, -2, ++list->len);
	lua_pushinteger(list->L, count);
	lua_rawseti(list->L, -2, ++list->len);
}

/* h:cells() → { low, high, count, low, high, count, … }, ascending, without the empty ones */
static int l_cells(lua_State *L)
{
	struct list list = {L, 0};
	const struct sr_hist *hist = check_hist(L, 1);

	lua_newtable(L);
	sr_hist_visit(hist, add_cell, &list);
	return 1;
}

static const luaL_Reg methods[] = {
    {"add", l_add},     {"encode", l_encode}, {"record", l_record}, {"count", l_count},
    {"mean", l_mean},   {"min", l_min},       {"max", l_max},       {"percentile", l_percentile},
    {"cells", l_cells}, {"__gc", l_gc},       {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"new", l_new},
    {NULL, NULL},
};

int sr_open_core_hist(lua_State *L)
{
	sr_class_register(L, HIST_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
