/* scalerun.core.process: child processes. */
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/signals.h"
#include "scalerun/binding/task.h"
#include "scalerun/engine/process.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define CHILD_META "scalerun.process"

/* How long a state that closes waits for its children, their grace included. */
#define END_TIME (30 * SR_S)

/* What a handle refers to. It outlives the handle while the child runs (a server that a script started and
 * forgot goes on), and the child while a handle exists. */
struct child {
	struct sr_process *process; /* NULL: closed */
	struct children *children;
	struct child *next, **prev;
	bool handled; /* by a userdata */
};

/* The children of one state. */
struct children {
	struct sr_loop *loop;
	struct child *first;
	unsigned closing; /* processes whose close is under way */
	unsigned stopping;
};

/* ---- the state's children ------------------------------------------------------------------------- */

static void *make_children(struct sr_state *state)
{
	struct children *children = calloc(1, sizeof(*children));

	if (children)
		children->loop = sr_state_loop(state);
	return children;
}

static void on_closed(void *arg)
{
	((struct children *)arg)->closing--;
}

static void close_child(struct child *child)
{
	*child->prev = child->next;
	if (child->next)
		child->next->prev = child->prev;
	child->children->closing++;
	sr_process_close(child->process, on_closed, child->children);
	child->process = NULL;
	if (!child->handled)
		free(child);
}

static void on_stopped(struct sr_op *op, int status, void *arg)
{
	(void)status;
	((struct children *)arg)->stopping--;
	sr_op_free(op);
}

static bool is_stopping(void *arg)
{
	return ((struct children *)arg)->stopping > 0;
}

static bool is_closing(void *arg)
{
	return ((struct children *)arg)->closing > 0;
}

/* A state ends: its children end, politely, all at once. */
static void drop_children(void *arg)
{
	struct children *children = arg;
	int64_t deadline = sr_now() + END_TIME;

	for (struct child *child = children->first; child; child = child->next) {
		struct sr_op *op;

		if (sr_process_status(child->process).ended)
			continue;
		op = sr_process_stop_new(child->process);
		if (!op)
			continue;
		children->stopping++;
		op->done = on_stopped;
		op->arg = children;
		sr_process_stop_start(op, -1);
	}
	sr_loop_run_while(children->loop, is_stopping, children, SR_NEVER);
	while (children->first)
		close_child(children->first);
	if (sr_loop_run_while(children->loop, is_closing, children, deadline) == 0)
		free(children);
}

static struct children *children_of(lua_State *L)
{
	static const char key;

	return sr_state_slot(sr_state_of(L), &key, make_children, drop_children);
}

/* ---- options -------------------------------------------------------------------------------------- */

/* The strings of the list in field `name` as a NULL-terminated array that Lua owns (pushed), or NULL with nil
 * pushed. */
static const char *const *check_strings(lua_State *L, const char *name)
{
	const char **list;
	lua_Integer n;

	if (lua_getfield(L, 1, name) == LUA_TNIL)
		return NULL;
	if (!lua_istable(L, -1))
		luaL_error(L, "process.spawn: %s is a list of strings", name);
	n = luaL_len(L, -1);
	list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof(*list), 1);
	lua_insert(L, -2);
	for (lua_Integer i = 0; i < n; i++) {
		size_t len;

		if (lua_geti(L, -1, i + 1) != LUA_TSTRING)
			luaL_error(L, "process.spawn: %s[%d] is a %s, not a string", name, (int)i + 1,
				   luaL_typename(L, -1));
		list[i] = lua_tolstring(L, -1, &len);
		if (strlen(list[i]) != len)
			luaL_error(L, "process.spawn: %s[%d] holds a zero byte", name, (int)i + 1);
		lua_pop(L, 1);
	}
	list[n] = NULL;
	/* The array keeps the table, and so its strings. */
	lua_setiuservalue(L, -2, 1);
	return list;
}

static const char *check_string(lua_State *L, const char *name)
{
	const char *text = NULL;

	if (lua_getfield(L, 1, name) != LUA_TNIL) {
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "process.spawn: %s is a string, not a %s", name, luaL_typename(L, -1));
		text = lua_tostring(L, -1);
	}
	lua_pop(L, 1); /* the table keeps it */
	return text;
}

static lua_Integer check_integer(lua_State *L, const char *name, lua_Integer fallback)
{
	lua_Integer n = fallback;

	if (lua_getfield(L, 1, name) != LUA_TNIL) {
		int ok;

		n = lua_tointegerx(L, -1, &ok);
		if (!ok || n < 0)
			luaL_error(L, "process.spawn: %s is an integer that is not negative", name);
	}
	lua_pop(L, 1);
	return n;
}

static enum sr_process_stdio check_stdio(lua_State *L, const char *name, enum sr_process_stdio fallback)
{
	static const struct {
		const char *name;
		enum sr_process_stdio kind;
	} kinds[] = {{"null", SR_STDIO_NULL},
		     {"pipe", SR_STDIO_PIPE},
		     {"inherit", SR_STDIO_INHERIT},
		     {"file", SR_STDIO_FILE},
		     {"stdout", SR_STDIO_STDOUT}};
	const char *text = check_string(L, name);

	if (!text)
		return fallback;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, text) == 0)
			return kinds[i].kind;
	return (enum sr_process_stdio)luaL_error(L, "process.spawn: %s is null, pipe, inherit, file or stdout", name);
}

static void check_output(lua_State *L, const char *name, const char *path_name, struct sr_process_output *output)
{
	output->kind = check_stdio(L, name, SR_STDIO_INHERIT);
	output->path = check_string(L, path_name);
	if (output->kind == SR_STDIO_FILE && !output->path)
		luaL_error(L, "process.spawn: %s goes to a file, but %s is missing", name, path_name);
}

/* Leaves what the options point to on the stack. */
static void check_options(lua_State *L, struct sr_process_options *options)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	options->argv = check_strings(L, "argv");
	options->env = check_strings(L, "env");
	lua_getfield(L, 1, "clear_env");
	options->clear_env = lua_toboolean(L, -1);
	lua_pop(L, 1);
	options->cwd = check_string(L, "cwd");
	options->set_user = lua_getfield(L, 1, "uid") != LUA_TNIL;
	lua_pop(L, 1);
	options->uid = (uid_t)check_integer(L, "uid", 0);
	options->gid = (gid_t)check_integer(L, "gid", 0);
	if (options->set_user && lua_getfield(L, 1, "gid") == LUA_TNIL)
		luaL_error(L, "process.spawn: uid needs a gid beside it");
	options->in = check_stdio(L, "stdin", SR_STDIO_NULL);
	check_output(L, "stdout", "stdout_path", &options->out);
	check_output(L, "stderr", "stderr_path", &options->err);
	options->pipe_max = (size_t)check_integer(L, "pipe_max", 0);
	lua_getfield(L, 1, "stop_signal");
	options->stop_signal = lua_isnil(L, -1) ? 0 : sr_check_signal(L, -1);
	lua_pop(L, 1);
	options->grace = sr_field_duration(L, 1, "grace", 0);
}

/* ---- handles -------------------------------------------------------------------------------------- */

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

	check_options(L, &options);
	handle = lua_newuserdatauv(L, sizeof(struct child *), 0);
	*handle = NULL;
	luaL_setmetatable(L, CHILD_META);
	children = children_of(L);
	child = children ? calloc(1, sizeof(*child)) : NULL;
	if (!child)
		return luaL_error(L, "process.spawn: out of memory");
	rc = sr_process_spawn(&child->process, children->loop, &options, &err);
	if (rc < 0) {
		free(child);
		return sr_push_failure(L, &err);
	}
	child->children = children;
	child->handled = true;
	child->next = children->first;
	child->prev = &children->first;
	if (child->next)
		child->next->prev = &child->next;
	children->first = child;
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
		close_child(child);
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
