/* scalerun.core.process: child processes. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/signals.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>
#include <stdlib.h>

#define CHILD_META "scalerun.process"

static struct child *check_child(lua_State *L)
{
	struct child *child = *(struct child **)luaL_checkudata(L, 1, CHILD_META);

	if (!child || !child->process)
		luaL_error(L, "this process was closed with its project");
	return child;
}

/* spawn(options) → handle */
static int l_spawn(lua_State *L)
{
	struct sr_process_options options = {0};
	struct sr_error err;
	struct child **handle;
	struct child *child;
	struct children *children;
	int rc;

	sr_lprocess_check_options(L, &options);
	handle = lua_newuserdatauv(L, sizeof(struct child *), 0);
	*handle = NULL;
	luaL_setmetatable(L, CHILD_META);
	children = sr_lprocess_children(L);
	child = children ? calloc(1, sizeof(*child)) : NULL;
	if (!child)
		return luaL_error(L, "process.spawn: out of memory");
	rc = sr_process_spawn(&child->process, children->loop, &options, &err);
	if (rc < 0) {
		free(child);
		return sr_push_failure(L, &err);
	}
	child->handled = true;
	sr_lprocess_add(children, child);
	*handle = child;
	return 1;
}

static int l_gc(lua_State *L)
{
	struct child **handle = luaL_checkudata(L, 1, CHILD_META);
	struct child *child = *handle;

	if (!child)
		return 0;
	*handle = NULL;
	child->handled = false;
	if (!child->process)
		free(child);
	else if (sr_process_status(child->process).ended)
		sr_lprocess_close(child);
	return 0;
}

static int l_pid(lua_State *L)
{
	lua_pushinteger(L, sr_process_pid(check_child(L)->process));
	return 1;
}

static int push_status(lua_State *L, const struct child *child)
{
	struct sr_process_status status = sr_process_status(child->process);

	lua_createtable(L, 0, 1);
	if (status.signal > 0) {
		sr_push_signal(L, status.signal);
		lua_setfield(L, -2, "signal");
	} else {
		lua_pushinteger(L, status.code);
		lua_setfield(L, -2, "status");
	}
	return 1;
}

/* status() → { status = 0 } or { signal = "KILL" }, or nil while it runs */
static int l_status(lua_State *L)
{
	struct child *child = check_child(L);

	return sr_process_status(child->process).ended ? push_status(L, child) : 0;
}

/* kill(signal) → true */
static int l_kill(lua_State *L)
{
	struct child *child = check_child(L);
	struct sr_error err;

	if (sr_process_signal(child->process, sr_check_signal(L, 2), &err) < 0)
		return sr_push_failure(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

static int64_t check_timeout(lua_State *L, int arg)
{
	return lua_isnoneornil(L, arg) ? SR_NEVER : sr_check_duration(L, arg);
}

static int wait_finish(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	return push_status(L, check_child(L));
}

/* wait(timeout, drained) → status */
static int l_wait(lua_State *L)
{
	struct child *child = check_child(L);
	int64_t timeout = check_timeout(L, 2);
	bool drained = lua_toboolean(L, 3);
	struct sr_op *op;

	sr_task_check(L, "process.wait");
	op = sr_process_wait_new(child->process);
	if (!op)
		return luaL_error(L, "process.wait: out of memory");
	sr_process_wait_start(op, drained, timeout);
	return sr_task_await(L, op, wait_finish);
}

/* stop(grace) → status */
static int l_stop(lua_State *L)
{
	struct child *child = check_child(L);
	int64_t grace = lua_isnoneornil(L, 2) ? -1 : sr_check_duration(L, 2);
	struct sr_op *op;

	luaL_argcheck(L, grace <= 3600 * SR_S, 2, "the grace is at most an hour");
	sr_task_check(L, "process.stop");
	op = sr_process_stop_new(child->process);
	if (!op)
		return luaL_error(L, "process.stop: out of memory");
	sr_process_stop_start(op, grace);
	return sr_task_await(L, op, wait_finish);
}

static int read_finish(lua_State *L, struct sr_op *op)
{
	struct sr_process_read *read_op = (struct sr_process_read *)op;

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	if (read_op->eof)
		return 0;
	lua_pushlstring(L, read_op->data.data, read_op->data.len);
	return 1;
}

/* read(1 or 2, "some", "line" or "all", timeout) → text, or nothing at the end */
static int l_read(lua_State *L)
{
	static const char *const modes[] = {"some", "line", "all", NULL};
	static const enum sr_process_read_mode values[] = {SR_READ_SOME, SR_READ_LINE, SR_READ_ALL};
	struct child *child = check_child(L);
	lua_Integer fd = luaL_checkinteger(L, 2);
	int mode = luaL_checkoption(L, 3, "some", modes);
	int64_t timeout = check_timeout(L, 4);
	struct sr_process_read *op;

	luaL_argcheck(L, fd == 1 || fd == 2, 2, "1 is stdout, 2 is stderr");
	sr_task_check(L, "process.read");
	op = sr_process_read_new(child->process, (int)fd, values[mode]);
	if (!op)
		return luaL_error(L, "process.read: out of memory");
	sr_process_read_start(op, timeout);
	return sr_task_await(L, &op->op, read_finish);
}

static int write_finish(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushboolean(L, 1);
	return 1;
}

/* write(data, timeout) → true */
static int l_write(lua_State *L)
{
	struct child *child = check_child(L);
	size_t len;
	const char *data = luaL_checklstring(L, 2, &len);
	int64_t timeout = check_timeout(L, 3);
	struct sr_op *op;

	sr_task_check(L, "process.write");
	op = sr_process_write_new(child->process, data, len);
	if (!op)
		return luaL_error(L, "process.write: out of memory");
	sr_process_write_start(op, timeout);
	return sr_task_await(L, op, write_finish);
}

static int l_close_stdin(lua_State *L)
{
	sr_process_close_stdin(check_child(L)->process);
	return 0;
}

static const luaL_Reg methods[] = {
    {"pid", l_pid},   {"status", l_status}, {"kill", l_kill},   {"wait", l_wait},
    {"stop", l_stop}, {"read", l_read},     {"write", l_write}, {"close_stdin", l_close_stdin},
    {"__gc", l_gc},   {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"spawn", l_spawn},
    {NULL, NULL},
};

int sr_open_core_process(lua_State *L)
{
	sr_class_register(L, CHILD_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
