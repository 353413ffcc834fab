/* The scheduler's Lua side: the one resume, the one yield. */
#include "scalerun/binding/task.h"
#include "private.h"
#include "scalerun/binding/error.h"

#include <lauxlib.h>
#include <stdlib.h>

struct sr_task {
	struct sr_context context; /* task points to this struct */
	lua_State *L;
	int anchor;                /* registry reference of the coroutine */
	struct sr_op *op;          /* waited for, or NULL */
	struct sr_op *spent;       /* completed, to be freed after its finish function */
	sr_task_finish_fn *finish; /* of op */
	struct sr_job job;         /* first run, and runs after a bare coroutine.yield */
	int nargs;                 /* values on L for the first run */
	int status;                /* of the body: LUA_OK or an error status */
	bool started;
	bool cancel; /* the next wait raises */
	bool kill;   /* never resumed again */
	bool muted;
	int64_t scheduled[SR_TAKERS]; /* of the iteration's first op; 0: taken, or none */
	sr_task_fn *ended;
	void *arg;
	struct sr_task *prev, *next;
};

struct sr_task *sr_task_current(lua_State *L)
{
	return sr_context_of(L)->task;
}

void sr_task_iteration(lua_State *L, int64_t scheduled, bool muted)
{
	struct sr_task *task = sr_task_current(L);

	task->muted = muted;
	for (int taker = 0; taker < SR_TAKERS; taker++)
		task->scheduled[taker] = scheduled;
}

bool sr_task_muted(lua_State *L)
{
	struct sr_task *task = sr_task_current(L);

	return task && task->muted;
}

int64_t sr_task_scheduled(lua_State *L, enum sr_taker taker, int64_t started)
{
	struct sr_task *task = sr_task_current(L);
	int64_t scheduled = task ? task->scheduled[taker] : 0;

	if (!scheduled)
		return started;
	task->scheduled[taker] = 0;
	return scheduled;
}

unsigned sr_task_count(const struct sr_state *state)
{
	return state->task_count;
}

static void link_task(struct sr_task *task)
{
	struct sr_state *state = task->context.state;

	task->prev = NULL;
	task->next = state->tasks;
	if (task->next)
		task->next->prev = task;
	state->tasks = task;
	state->task_count++;
}

static void unlink_task(struct sr_task *task)
{
	struct sr_state *state = task->context.state;

	if (task->prev)
		task->prev->next = task->next;
	else
		state->tasks = task->next;
	if (task->next)
		task->next->prev = task->prev;
	state->task_count--;
}

static int body_done(lua_State *L, int status, lua_KContext kcontext)
{
	struct sr_task *task = sr_task_current(L);

	(void)kcontext;
	task->status = status == LUA_YIELD ? LUA_OK : status;
	return lua_gettop(L) - 1; /* all but the message handler */
}

/* The coroutine's bottom: runs the body in a protected call inside the coroutine, so that pending
 * __close of a task that raises may themselves wait. */
static int body(lua_State *L)
{
	int nargs = lua_gettop(L) - 1;

	lua_pushcfunction(L, sr_traceback);
	lua_insert(L, 1);
	return body_done(L, lua_pcallk(L, nargs, LUA_MULTRET, 1, 0, body_done), 0);
}

static void end_task(struct sr_task *task, enum sr_task_end how, int nvalues)
{
	struct sr_state *state = task->context.state;
	lua_State *L = task->L;

	unlink_task(task);
	sr_loop_forget(state->loop, &task->job);
	task->ended(task->arg, how, L, nvalues);
	luaL_unref(state->L, LUA_REGISTRYINDEX, task->anchor);
	*(struct sr_context **)lua_getextraspace(L) = &state->context;
	free(task);
}

static void kill_task(struct sr_task *task)
{
	lua_resetthread(task->L); /* runs pending __close, which cannot wait any more */
	lua_settop(task->L, 0);
	end_task(task, SR_TASK_CANCELLED, 0);
}

static void free_spent(struct sr_task *task)
{
	struct sr_op *op = task->spent;

	task->spent = NULL;
	sr_op_free(op);
}

static void resume(struct sr_task *task)
{
	struct sr_state *state = task->context.state;
	int nresults, status;
	int nargs = task->nargs;

	if (task->kill || (task->cancel && !task->started)) {
		if (task->op) {
			sr_op_free(task->op);
			task->op = NULL;
		}
		kill_task(task);
		return;
	}
	task->started = true;
	task->nargs = 0;
	status = lua_resume(task->L, NULL, nargs, &nresults);
	if (task->spent)
		free_spent(task);
	sr_collector_look(&state->collector);
	if (status == LUA_YIELD) {
		lua_pop(task->L, nresults);
		if (!task->op) /* a bare coroutine.yield(): let the others run */
			sr_loop_defer(state->loop, &task->job);
		return;
	}
	if (status == LUA_OK && task->status == LUA_OK)
		end_task(task, SR_TASK_RETURNED, nresults);
	else
		end_task(task, SR_TASK_RAISED, 1);
}

static void on_job(void *arg)
{
	resume(arg);
}

static void on_op_done(struct sr_op *op, int status, void *arg)
{
	(void)op;
	(void)status;
	resume(arg);
}

static int await_done(lua_State *L, int status, lua_KContext kcontext)
{
	struct sr_task *task = sr_task_current(L);
	struct sr_op *op = task->op;
	int nresults;

	(void)status;
	(void)kcontext;
	task->op = NULL;
	task->spent = op;
	if (task->cancel) {
		struct sr_error err;

		task->cancel = false; /* raised once: what cleans up may wait again */
		sr_fail(&err, SR_ECANCEL, op->cls->name, "cancelled");
		sr_push_error(L, &err);
		return lua_error(L);
	}
	nresults = task->finish(L, op);
	free_spent(task);
	return nresults;
}

int sr_task_await(lua_State *L, struct sr_op *op, sr_task_finish_fn *finish)
{
	struct sr_task *task = sr_task_current(L);

	task->op = op;
	task->finish = finish;
	op->done = on_op_done;
	op->arg = task;
	return lua_yieldk(L, 0, 0, await_done);
}

void sr_task_check(lua_State *L, const char *what)
{
	struct sr_task *task = sr_task_current(L);

	if (!task) {
		if (lua_pushthread(L))
			luaL_error(L,
				   "%s cannot wait here: call it from setup, iteration, verify or a task, not while a "
				   "file loads",
				   what);
		luaL_error(L, "%s cannot wait inside a coroutine of the script's own: use scale.task.spawn instead",
			   what);
	}
	if (!lua_isyieldable(L))
		luaL_error(L,
			   "%s cannot wait inside a callback of a C function (string.gsub, table.sort and their like)",
			   what);
}

struct sr_task *sr_task_spawn(struct sr_state *state, lua_State *L, int nargs, sr_task_fn *ended, void *arg)
{
	struct sr_task *task = calloc(1, sizeof(*task));

	if (!task) {
		lua_pop(L, nargs + 1);
		return NULL;
	}
	task->context.state = state;
	task->context.task = task;
	task->ended = ended;
	task->arg = arg;
	task->job.fn = on_job;
	task->job.arg = task;
	task->muted = sr_task_muted(L);
	task->L = lua_newthread(L);
	task->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
	*(struct sr_context **)lua_getextraspace(task->L) = &task->context;
	lua_pushcfunction(task->L, body);
	lua_xmove(L, task->L, nargs + 1);
	task->nargs = nargs + 1;
	link_task(task);
	sr_loop_defer(state->loop, &task->job);
	return task;
}

void sr_task_cancel(struct sr_task *task)
{
	task->cancel = true;
	if (task->op)
		sr_op_cancel(task->op);
}

void sr_task_cancel_all(struct sr_state *state)
{
	struct sr_task *task, *next;

	for (task = state->tasks; task; task = next) {
		next = task->next;
		sr_task_cancel(task);
	}
}

void sr_task_kill_all(struct sr_state *state)
{
	struct sr_task *task, *next;

	for (task = state->tasks; task; task = next) {
		next = task->next;
		task->kill = true;
		if (task->op)
			sr_op_cancel(task->op);
	}
}
