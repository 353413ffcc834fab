#include "collector.h"
#include "private.h"
#include "scalerun/base/clock.h"

#include <lauxlib.h>

/* In percent, Lua's own measure of growth between young collections is 20; at 100 it leaves them to the host. */
#define OWN_GROWTH 100
#define LEAST      ((size_t)64 << 10)

static size_t bytes_in_use(lua_State *L)
{
	return ((size_t)lua_gc(L, LUA_GCCOUNT) << 10) + (size_t)lua_gc(L, LUA_GCCOUNTB);
}

static void set_threshold(struct sr_collector *collector)
{
	size_t used = bytes_in_use(collector->state->L);

	collector->threshold = used + (used / 5 > LEAST ? used / 5 : LEAST);
}

static void collect(void *arg)
{
	struct sr_collector *collector = arg;
	struct sr_pauses *pauses = &collector->pauses;
	lua_State *L = collector->state->L;
	int64_t began = sr_now(), taken;

	collector->running = true;
	/* A debt above zero, so that Lua does a major collection where it thinks one is due. */
	lua_gc(L, LUA_GCSTEP, lua_gc(L, LUA_GCCOUNT) + 1);
	collector->running = false;
	taken = sr_now() - began;
	pauses->count++;
	pauses->total += taken;
	if (taken > pauses->longest)
		pauses->longest = taken;
	set_threshold(collector);
}

static void push_sentinel(lua_State *L, int metatable);

/* __gc of the sentinel, an object that nobody holds: a collection has ended. */
static int l_collected(lua_State *L)
{
	struct sr_collector *collector = &sr_state_of(L)->collector;

	lua_getmetatable(L, 1);
	push_sentinel(L, -1);
	if (!collector->running) {
		collector->pauses.unmeasured++;
		collector->threshold = 0; /* Lua does not tell how much is in use while it runs finalizers */
	}
	return 0;
}

static void push_sentinel(lua_State *L, int metatable)
{
	metatable = lua_absindex(L, metatable);
	lua_newuserdatauv(L, 0, 0);
	lua_pushvalue(L, metatable);
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

void sr_collector_start(lua_State *L, struct sr_collector *collector, struct sr_state *state)
{
	*collector = (struct sr_collector){.state = state, .job = {.fn = collect, .arg = collector}};
	/* Short steps: the worst measured is 0.3 ms at a thousand tasks, a third of the incremental mode's. */
	lua_gc(L, LUA_GCGEN, OWN_GROWTH, 0);
	lua_newtable(L);
	lua_pushcfunction(L, l_collected);
	lua_setfield(L, -2, "__gc");
	push_sentinel(L, -1);
	lua_pop(L, 1);
	set_threshold(collector);
}

void sr_collector_look(struct sr_collector *collector)
{
	if (!collector->threshold)
		set_threshold(collector);
	else if (bytes_in_use(collector->state->L) > collector->threshold)
		sr_loop_at_turn_end(collector->state->loop, &collector->job);
}

void sr_collector_stop(struct sr_collector *collector)
{
	if (collector->state)
		sr_loop_forget(collector->state->loop, &collector->job);
}

void sr_state_take_pauses(struct sr_state *state, struct sr_pauses *pauses)
{
	*pauses = state->collector.pauses;
	state->collector.pauses = (struct sr_pauses){0};
}
