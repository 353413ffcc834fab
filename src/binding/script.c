#include "scalerun/binding/script.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/copy.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>
#include <stdlib.h>

#define OP "script"

struct call {
	struct sr_state *state;
	struct sr_buf *result;
	sr_script_fn *done;
	void *arg;
};

/* A user's place in its source; the upvalue of its next function. */
struct user {
	const struct sr_source *source;
	int number;
	int64_t scheduled, started;
	int64_t iteration; /* 0: none under way */
};

static void on_ended(void *arg, enum sr_task_end how, lua_State *L, int nvalues)
{
	struct call *call = arg;
	struct sr_error err = {0};
	int status = 0;

	if (how == SR_TASK_CANCELLED)
		status = sr_fail(&err, SR_ECANCEL, OP, "cancelled");
	else if (how == SR_TASK_RAISED)
		status = sr_fail(&err, SR_ESCRIPT, OP, "%s", luaL_tolstring(L, -1, NULL));
	else if (call->result && nvalues > 0)
		status = sr_copy_out(L, -nvalues, "result", call->result, &err);
	call->done(call->arg, status, &err);
	free(call);
}

/* In a protected call: pushes worker[name] and the arguments' values. */
static int push_function(lua_State *L)
{
	lua_getglobal(L, "require");
	lua_pushliteral(L, "scalerun.worker");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, lua_touserdata(L, 1));
	return 1;
}

static int push_argument(lua_State *L)
{
	const struct sr_buf *bytes = lua_touserdata(L, 1);

	sr_copy_in(L, bytes->data, bytes->len);
	return 1;
}

static int get_function(struct sr_state *state, const char *name, struct sr_error *err)
{
	lua_State *L = sr_state_lua(state);

	lua_pushcfunction(L, push_function);
	lua_pushlightuserdata(L, (void *)name);
	return sr_state_pcall(state, 1, 1, err);
}

static int spawn(struct sr_state *state, int nargs, struct sr_buf *result, sr_script_fn *done, void *arg,
		 struct sr_error *err)
{
	struct call *call = malloc(sizeof(*call));

	if (!call) {
		lua_pop(sr_state_lua(state), nargs + 1);
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	}
	*call = (struct call){.state = state, .result = result, .done = done, .arg = arg};
	if (!sr_task_spawn(state, sr_state_lua(state), nargs, on_ended, call)) {
		free(call);
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	}
	return 0;
}

int sr_script_call(struct sr_state *state, const char *function, const char *argument, size_t len,
		   struct sr_buf *result, sr_script_fn *done, void *arg, struct sr_error *err)
{
	lua_State *L = sr_state_lua(state);
	struct sr_buf bytes = {.data = (char *)argument, .len = len};
	int rc = get_function(state, function, err);

	if (rc || len == 0)
		return rc ? rc : spawn(state, 0, result, done, arg, err);
	lua_pushcfunction(L, push_argument);
	lua_pushlightuserdata(L, &bytes);
	rc = sr_state_pcall(state, 1, 1, err);
	if (rc) {
		lua_pop(L, 1);
		return rc;
	}
	return spawn(state, 1, result, done, arg, err);
}

static int start_iteration(lua_State *L, struct sr_op *op)
{
	struct user *user = lua_touserdata(L, lua_upvalueindex(1));

	if (op && op->status < 0) {
		user->iteration = 0;
		sr_push_error(L, &op->err);
		return lua_error(L);
	}
	user->started = sr_now();
	lua_pushinteger(L, user->iteration);
	return 1;
}

/* next([failure]) → the number of the iteration to run, nil at the end */
static int l_next(lua_State *L)
{
	struct user *user = lua_touserdata(L, lua_upvalueindex(1));
	const struct sr_source *source = user->source;
	struct sr_op *op;

	sr_task_check(L, "next");
	if (user->iteration)
		source->ended(source->arg, user->number, user->scheduled, user->started, luaL_optstring(L, 1, NULL));
	user->iteration = source->next(source->arg, user->number, &user->scheduled);
	if (!user->iteration)
		return 0;
	if (user->scheduled <= sr_now())
		return start_iteration(L, NULL);
	op = sr_sleep_new(sr_state_loop(sr_state_of(L)));
	if (!op)
		return luaL_error(L, "out of memory");
	sr_sleep_start(op, user->scheduled, 0);
	return sr_task_await(L, op, start_iteration);
}

static int push_next(lua_State *L)
{
	struct user *user = lua_newuserdatauv(L, sizeof(*user), 0);

	*user = *(const struct user *)lua_touserdata(L, 1);
	lua_pushcclosure(L, l_next, 1);
	return 1;
}

int sr_script_user(struct sr_state *state, int number, const struct sr_source *source, sr_script_fn *done, void *arg,
		   struct sr_error *err)
{
	lua_State *L = sr_state_lua(state);
	struct user user = {.source = source, .number = number};
	int rc = get_function(state, "user", err);

	if (rc)
		return rc;
	lua_pushcfunction(L, push_next);
	lua_pushlightuserdata(L, &user);
	rc = sr_state_pcall(state, 1, 1, err);
	if (rc) {
		lua_pop(L, 1);
		return rc;
	}
	lua_pushinteger(L, number);
	return spawn(state, 2, NULL, done, arg, err);
}
