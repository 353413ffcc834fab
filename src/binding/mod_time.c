/* scalerun.core.time */
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>

/* The longest that a wait may spin before its end; see sr_timer. */
#define SPIN_MAX SR_MS

static int l_now(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)sr_now() / (lua_Number)SR_S);
	return 1;
}

static int l_now_ns(lua_State *L)
{
	lua_pushinteger(L, sr_now());
	return 1;
}

static int l_wall(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)sr_wall_now() / (lua_Number)SR_S);
	return 1;
}

static int l_wall_text(lua_State *L)
{
	char text[25];

	sr_wall_format(lua_isnoneornil(L, 1) ? sr_wall_now() : (int64_t)(luaL_checknumber(L, 1) * (lua_Number)SR_S),
		       text);
	lua_pushstring(L, text);
	return 1;
}

static int l_duration(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)sr_check_duration(L, 1) / (lua_Number)SR_S);
	return 1;
}

static int sleep_finish(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushboolean(L, 1);
	return 1;
}

static int sleep_for(lua_State *L, const char *what, int64_t due, int64_t spin)
{
	struct sr_op *op;

	sr_task_check(L, what);
	op = sr_sleep_new(sr_state_loop(sr_state_of(L)));
	if (!op)
		return luaL_error(L, "%s: out of memory", what);
	sr_sleep_start(op, due, spin);
	return sr_task_await(L, op, sleep_finish);
}

/* sleep(duration [, spin]) */
static int l_sleep(lua_State *L)
{
	int64_t now = sr_now();
	int64_t duration = sr_check_duration(L, 1);
	int64_t spin = lua_isnoneornil(L, 2) ? 0 : sr_check_duration(L, 2);

	luaL_argcheck(L, spin <= SPIN_MAX, 2, "a wait spins for at most 1 ms");
	return sleep_for(L, "time.sleep", duration >= SR_NEVER - now ? SR_NEVER : now + duration, spin);
}

/* sleep_until_ns(instant [, spin]): an integer of now_ns(), which a float of seconds would round */
static int l_sleep_until_ns(lua_State *L)
{
	int64_t due = luaL_checkinteger(L, 1);
	int64_t spin = lua_isnoneornil(L, 2) ? 0 : sr_check_duration(L, 2);

	luaL_argcheck(L, spin <= SPIN_MAX, 2, "a wait spins for at most 1 ms");
	return sleep_for(L, "time.sleep_until", due, spin);
}

static const luaL_Reg functions[] = {
    {"now", l_now},
    {"now_ns", l_now_ns},
    {"wall", l_wall},
    {"wall_text", l_wall_text},
    {"duration", l_duration},
    {"sleep", l_sleep},
    {"sleep_until_ns", l_sleep_until_ns},
    {NULL, NULL},
};

int sr_open_core_time(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
