#include "scalerun/binding/script.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
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

struct wait {
	struct sr_op op;
	struct sr_user *user;
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

static void wait_free(struct sr_op *op)
{
	struct wait *wait = (struct wait *)op;

	if (wait->user->wait == op)
		wait->user->wait = NULL;
	free(wait);
}

static const struct sr_op_class wait_class = {.name = "next", .free = wait_free};

static int ask(lua_State *L, struct sr_user *user, int64_t think);

static int woken(lua_State *L, struct sr_op *op)
{
	struct sr_user *user = ((struct wait *)op)->user;

	if (op->status < 0) {
		sr_push_error(L, &op->err);
		return lua_error(L);
	}
	user->wait = NULL;
	return ask(L, user, 0);
}

static int wait_until(lua_State *L, struct sr_user *user, int64_t until)
{
	struct wait *wait = malloc(sizeof(*wait));

	if (!wait)
		return luaL_error(L, "out of memory");
	sr_op_init(&wait->op, sr_state_loop(sr_state_of(L)), &wait_class);
	wait->user = user;
	user->wait = &wait->op;
	sr_sleep_start(&wait->op, until, 0);
	return sr_task_await(L, &wait->op, woken);
}

static int ask(lua_State *L, struct sr_user *user, int64_t think)
{
	const struct sr_source *source = user->source;
	struct sr_iteration *iteration = &user->iteration;
	int64_t until = SR_NEVER;

	switch (source->next(source->arg, user->number, think, iteration, &until)) {
	case SR_NEXT_END:
		return 0;
	case SR_NEXT_WAIT:
		return wait_until(L, user, until);
	case SR_NEXT_RUN:
		break;
	}
	sr_task_iteration(L, iteration->open ? iteration->scheduled : 0, iteration->muted);
	lua_pushinteger(L, iteration->number);
	lua_pushboolean(L, iteration->muted);
	iteration->started = sr_now();
	return 2;
}

/* next([failure [, think]]) → number and whether it is muted, or nothing at the end */
static int l_next(lua_State *L)
{
	struct sr_user *user = lua_touserdata(L, lua_upvalueindex(1));
	const struct sr_source *source = user->source;
	const char *failure = luaL_optstring(L, 1, NULL);
	int64_t think = lua_isnoneornil(L, 2) ? 0 : sr_check_duration(L, 2);

	sr_task_check(L, "next");
	if (user->iteration.number) {
		sr_task_iteration(L, 0, false);
		source->ended(source->arg, user->number, &user->iteration, failure);
	}
	user->iteration = (struct sr_iteration){0};
	return ask(L, user, think);
}

static int push_next(lua_State *L)
{
	lua_settop(L, 1);
	lua_pushcclosure(L, l_next, 1);
	return 1;
}

int sr_script_user(struct sr_state *state, struct sr_user *user, int number, const struct sr_source *source,
		   sr_script_fn *done, void *arg, struct sr_error *err)
{
	lua_State *L = sr_state_lua(state);
	int rc = get_function(state, "user", err);

	if (rc)
		return rc;
	*user = (struct sr_user){.source = source, .number = number};
	lua_pushcfunction(L, push_next);
	lua_pushlightuserdata(L, user);
	rc = sr_state_pcall(state, 1, 1, err);
	if (rc) {
		lua_pop(L, 1);
		return rc;
	}
	lua_pushinteger(L, number);
	return spawn(state, 2, NULL, done, arg, err);
}

void sr_script_wake(struct sr_user *user)
{
	if (user->wait)
		sr_op_finish(user->wait, 0);
}
