/* scalerun.core.task: concurrent tasks within one state. */
#include "scalerun/base/clock.h"
#include "scalerun/base/log.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>
#include <stdlib.h>

#define HANDLE_META "scalerun.task"

/* What a script holds of a task. User value 1: its results (a packed table), or its error value. */
struct handle {
	struct sr_task *task; /* NULL once it has ended */
	struct sr_state *state;
	enum sr_task_end how;
	int anchor;  /* keeps the handle while the task lives */
	bool unseen; /* it raised, and nobody has joined it */
	struct join *joins;
};

struct join {
	struct sr_op op;
	struct join *next, **prev;
};

static struct handle *check_handle(lua_State *L)
{
	return luaL_checkudata(L, 1, HANDLE_META);
}

static void join_unlink(struct join *join)
{
	if (!join->prev)
		return;
	*join->prev = join->next;
	if (join->next)
		join->next->prev = join->prev;
	join->prev = NULL;
}

static void join_cancel(struct sr_op *op, int code)
{
	join_unlink((struct join *)op);
	sr_op_finish(op, -code);
}

static void join_free(struct sr_op *op)
{
	free(op);
}

static const struct sr_op_class join_class = {.name = "task.join", .cancel = join_cancel, .free = join_free};

static void on_ended(void *arg, enum sr_task_end how, lua_State *L, int nvalues)
{
	struct handle *handle = arg;
	lua_State *main = sr_state_lua(handle->state);

	handle->task = NULL;
	handle->how = how;
	lua_rawgeti(main, LUA_REGISTRYINDEX, handle->anchor);
	if (how == SR_TASK_RETURNED) {
		lua_createtable(main, nvalues, 1);
		lua_xmove(L, main, nvalues);
		for (int i = nvalues; i >= 1; i--)
			lua_rawseti(main, -1 - i, i);
		lua_pushinteger(main, nvalues);
		lua_setfield(main, -2, "n");
	} else if (how == SR_TASK_RAISED) {
		lua_xmove(L, main, 1);
	} else {
		struct sr_error err;

		sr_fail(&err, SR_ECANCEL, "task", "cancelled");
		sr_push_error(main, &err);
	}
	lua_setiuservalue(main, -2, 1);
	lua_pop(main, 1);
	handle->unseen = how == SR_TASK_RAISED && !handle->joins;
	while (handle->joins) {
		struct join *join = handle->joins;

		join_unlink(join);
		sr_op_finish(&join->op, 0);
	}
	luaL_unref(main, LUA_REGISTRYINDEX, handle->anchor);
}

/* spawn(fn, ...) → handle */
static int l_spawn(lua_State *L)
{
	struct handle *handle;
	int nargs;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	nargs = lua_gettop(L) - 1;
	handle = lua_newuserdatauv(L, sizeof(*handle), 1);
	*handle = (struct handle){.state = sr_state_of(L)};
	luaL_setmetatable(L, HANDLE_META);
	lua_pushvalue(L, -1);
	handle->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_insert(L, 1);
	handle->task = sr_task_spawn(handle->state, L, nargs, on_ended, handle);
	if (!handle->task) {
		luaL_unref(L, LUA_REGISTRYINDEX, handle->anchor);
		return luaL_error(L, "task.spawn: out of memory");
	}
	return 1;
}

/* Pushes true and the results, or false and the error value. */
static int push_outcome(lua_State *L, struct handle *handle, int idx)
{
	int n;

	handle->unseen = false;
	lua_pushboolean(L, handle->how == SR_TASK_RETURNED);
	lua_getiuservalue(L, idx, 1);
	if (handle->how != SR_TASK_RETURNED)
		return 2;
	lua_getfield(L, -1, "n");
	n = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
	luaL_checkstack(L, n + 1, "too many results");
	for (int i = 1; i <= n; i++)
		lua_rawgeti(L, -i, i);
	lua_remove(L, -n - 1);
	return n + 1;
}

static int join_finish(lua_State *L, struct sr_op *op)
{
	if (op->status < 0) {
		lua_pushboolean(L, 0);
		sr_push_error(L, &op->err);
		return 2;
	}
	return push_outcome(L, check_handle(L), 1);
}

/* handle:join() → true, results… or false, error */
static int l_join(lua_State *L)
{
	struct handle *handle = check_handle(L);
	struct join *join;

	if (!handle->task)
		return push_outcome(L, handle, 1);
	sr_task_check(L, "task.join");
	if (handle->task == sr_task_current(L))
		return luaL_error(L, "task.join: a task cannot wait for itself");
	join = malloc(sizeof(*join));
	if (!join)
		return luaL_error(L, "task.join: out of memory");
	sr_op_init(&join->op, sr_state_loop(handle->state), &join_class);
	join->next = handle->joins;
	join->prev = &handle->joins;
	if (join->next)
		join->next->prev = &join->next;
	handle->joins = join;
	sr_op_begin(&join->op, SR_NEVER);
	return sr_task_await(L, &join->op, join_finish);
}

static int l_cancel(lua_State *L)
{
	struct handle *handle = check_handle(L);

	if (handle->task && handle->task == sr_task_current(L))
		return luaL_error(L, "task.cancel: a task cannot cancel itself; return or raise an error");
	if (handle->task)
		sr_task_cancel(handle->task);
	return 0;
}

/* A task that fails unseen must not fail silently. */
static int l_gc(lua_State *L)
{
	struct handle *handle = check_handle(L);

	if (handle->unseen) {
		lua_getiuservalue(L, 1, 1);
		sr_log(SR_LOG_ERROR, "a task failed and nobody joined it: %s", luaL_tolstring(L, -1, NULL));
	}
	return 0;
}

static int l_done(lua_State *L)
{
	lua_pushboolean(L, check_handle(L)->task == NULL);
	return 1;
}

static int l_count(lua_State *L)
{
	lua_pushinteger(L, sr_task_count(sr_state_of(L)));
	return 1;
}

/* waits() → whether the caller may wait here */
static int l_waits(lua_State *L)
{
	lua_pushboolean(L, sr_task_current(L) && lua_isyieldable(L));
	return 1;
}

static const luaL_Reg methods[] = {
    {"join", l_join}, {"cancel", l_cancel}, {"done", l_done}, {"__gc", l_gc}, {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"spawn", l_spawn},
    {"count", l_count},
    {"waits", l_waits},
    {NULL, NULL},
};

int sr_open_core_task(lua_State *L)
{
	sr_class_register(L, HANDLE_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
