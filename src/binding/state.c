#include "scalerun/binding/state.h"
#include "alloc.h"
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/history.h"
#include "scalerun/binding/modules.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a state that closes waits for scripts' own clean-up, then for the ops it killed. */
#define CLEANUP_TIME (5 * SR_S)

struct sr_state *sr_state_of(lua_State *L)
{
	return sr_context_of(L)->state;
}

lua_State *sr_state_lua(struct sr_state *state)
{
	return state->L;
}

struct sr_loop *sr_state_loop(struct sr_state *state)
{
	return state->loop;
}

struct sr_metrics *sr_state_metrics(struct sr_state *state)
{
	return state->metrics;
}

struct sr_history *sr_state_history(struct sr_state *state)
{
	return state->history;
}

const char *sr_state_name(const struct sr_state *state)
{
	return state->name;
}

const char *sr_state_lua_path(const struct sr_state *state)
{
	return state->lua_path;
}

uint64_t sr_state_seed(const struct sr_state *state)
{
	return state->seed;
}

struct sr_metrics *sr_state_take_metrics(struct sr_state *state, struct sr_metrics *fresh)
{
	struct sr_metrics *old = state->metrics;

	state->metrics = fresh;
	return old;
}

struct sr_history *sr_state_take_history(struct sr_state *state, struct sr_history *fresh)
{
	struct sr_history *old = state->history;

	state->history = fresh;
	return old;
}

void *sr_state_slot(struct sr_state *state, const void *key, void *(*make)(struct sr_state *), void (*drop)(void *))
{
	struct sr_slot *slot;

	for (slot = state->slots; slot; slot = slot->next)
		if (slot->key == key)
			return slot->value;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->value = make(state);
	if (!slot->value) {
		free(slot);
		return NULL;
	}
	slot->key = key;
	slot->drop = drop;
	slot->next = state->slots;
	state->slots = slot;
	return slot->value;
}

static int at_panic(lua_State *L)
{
	const char *text = lua_tostring(L, -1);

	fprintf(stderr, "scalerun: Lua error outside of a protected call: %s\n", text ? text : "?");
	abort();
}

/* Everything that can raise while a state is set up, run protected. */
static int open_state(lua_State *L)
{
	struct sr_state *state = lua_touserdata(L, 1);

	luaL_openlibs(L);
	sr_modules_preload(L);
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "searchers");
	for (int i = (int)lua_rawlen(L, -1); i >= 2; i--) {
		lua_rawgeti(L, -1, i);
		lua_rawseti(L, -2, i + 1);
	}
	lua_pushcfunction(L, sr_library_searcher);
	lua_rawseti(L, -2, 2);
	lua_pop(L, 2);
	lua_getglobal(L, "math");
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, (lua_Integer)state->seed);
	lua_call(L, 1, 0);
	sr_collector_start(L, &state->collector, state);
	return 0;
}

int sr_state_new(struct sr_state **out, const struct sr_state_options *options, struct sr_error *err)
{
	struct sr_state *state = calloc(1, sizeof(*state));
	const char *op = "state.new";
	int rc;

	if (!state)
		return sr_fail(err, SR_ENOMEM, op, "out of memory");
	state->context.state = state;
	state->loop = options->loop;
	state->seed = options->seed;
	state->name = strdup(options->name);
	state->lua_path = options->lua_path ? strdup(options->lua_path) : NULL;
	state->metrics = sr_metrics_new();
	state->unheard = sr_metrics_new();
	state->history = sr_history_new(sr_history_memory());
	state->alloc = sr_alloc_new();
	state->L = state->alloc ? lua_newstate(sr_alloc_lua, state->alloc) : NULL;
	if (!state->L || !state->name || !state->metrics || !state->unheard || !state->history ||
	    (options->lua_path && !state->lua_path)) {
		sr_state_free(state);
		return sr_fail(err, SR_ENOMEM, op, "out of memory");
	}
	*(struct sr_context **)lua_getextraspace(state->L) = &state->context;
	lua_atpanic(state->L, at_panic);
	lua_pushcfunction(state->L, open_state);
	lua_pushlightuserdata(state->L, state);
	rc = sr_state_pcall(state, 1, 0, err);
	if (rc) {
		sr_state_free(state);
		return rc;
	}
	*out = state;
	return 0;
}

static bool has_tasks(void *arg)
{
	struct sr_state *state = arg;

	return state->task_count > 0;
}

void sr_state_free(struct sr_state *state)
{
	if (!state)
		return;
	if (state->task_count) {
		sr_task_cancel_all(state);
		if (sr_loop_run_while(state->loop, has_tasks, state, sr_now() + CLEANUP_TIME)) {
			sr_task_kill_all(state);
			sr_loop_run_while(state->loop, has_tasks, state, sr_now() + CLEANUP_TIME);
		}
	}
	while (state->slots) {
		struct sr_slot *slot = state->slots;

		state->slots = slot->next;
		slot->drop(slot->value);
		free(slot);
	}
	sr_collector_stop(&state->collector);
	if (state->L)
		lua_close(state->L);
	sr_alloc_free(state->alloc);
	sr_metrics_free(state->metrics);
	sr_metrics_free(state->unheard);
	sr_history_free(state->history);
	free(state->lua_path);
	free(state->name);
	free(state);
}

int sr_state_pcall(struct sr_state *state, int nargs, int nresults, struct sr_error *err)
{
	lua_State *L = state->L;
	int base = lua_gettop(L) - nargs;
	int status;

	lua_pushcfunction(L, sr_traceback);
	lua_insert(L, base);
	status = lua_pcall(L, nargs, nresults, base);
	lua_remove(L, base);
	if (status == LUA_OK)
		return 0;
	sr_fail(err, SR_ESCRIPT, "script", "%s", luaL_tolstring(L, -1, NULL));
	lua_pop(L, 2);
	return -SR_ESCRIPT;
}
