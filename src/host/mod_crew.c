/* scalerun.core.crew: the crew for the conductor's Lua. lua/scalerun/core/host.lua makes it friendly. */
#include "mod_crew.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/copy.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"
#include "scalerun/host/crew.h"
#include "scalerun/host/modules.h"

#include <lauxlib.h>

#define CREW_META "scalerun.crew"
#define INFO_MAX  ((size_t)256 << 20)

struct holder {
	struct sr_crew *crew; /* NULL once closed */
	int anchor;           /* an open crew is not collected: its end has to be waited for */
};

static struct holder *check_holder(lua_State *L)
{
	return luaL_checkudata(L, 1, CREW_META);
}

static struct sr_crew *check_crew(lua_State *L)
{
	struct holder *holder = check_holder(L);

	luaL_argcheck(L, holder->crew, 1, "the crew is closed");
	return holder->crew;
}

static void release(lua_State *L, struct holder *holder)
{
	struct sr_crew *crew = holder->crew;

	holder->crew = NULL;
	luaL_unref(L, LUA_REGISTRYINDEX, holder->anchor);
	holder->anchor = LUA_NOREF;
	if (crew)
		sr_crew_free(crew);
}

static int l_gc(lua_State *L)
{
	release(L, check_holder(L));
	return 0;
}

/* Reads { id =, info = } at the top into *project; the bytes go to buf. */
static void read_project(lua_State *L, struct sr_crew_project *project, struct sr_buf *buf)
{
	struct sr_error err;

	luaL_checktype(L, -1, LUA_TTABLE);
	lua_getfield(L, -1, "id");
	project->id = luaL_checkstring(L, -1); /* the table keeps it alive */
	lua_pop(L, 1);
	lua_getfield(L, -1, "info");
	if (sr_copy_out(L, -1, project->id, buf, &err))
		luaL_error(L, "%s", err.text);
	lua_pop(L, 1);
}

/* new{ projects = { {id =, info =}… }, threads =, seed = } → crew, or nil, error */
static int l_new(lua_State *L)
{
	struct sr_crew_options options = {.loop = sr_state_loop(sr_state_of(L))};
	struct sr_crew_project *projects;
	struct holder *holder;
	struct sr_error err;
	size_t *offsets;
	struct sr_buf *buf;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	options.threads = crew_integer_field(L, 1, "threads", 64);
	lua_getfield(L, 1, "seed");
	options.seed = (uint64_t)luaL_checkinteger(L, -1);
	options.lua_path = sr_state_lua_path(sr_state_of(L));
	lua_getfield(L, 1, "projects"); /* 3 */
	luaL_checktype(L, -1, LUA_TTABLE);
	options.count = (int)luaL_len(L, -1);
	luaL_argcheck(L, options.count >= 1, 1, "a crew needs at least one project");
	projects = lua_newuserdatauv(L, (size_t)options.count * sizeof(*projects), 0);
	offsets = lua_newuserdatauv(L, (size_t)options.count * sizeof(*offsets), 0);
	buf = sr_push_buf(L, INFO_MAX);
	for (int i = 0; i < options.count; i++) {
		offsets[i] = buf->len;
		lua_geti(L, 3, i + 1);
		read_project(L, &projects[i], buf);
		lua_pop(L, 1);
		projects[i].info_len = buf->len - offsets[i];
	}
	for (int i = 0; i < options.count; i++)
		projects[i].info = buf->data + offsets[i];
	options.projects = projects;
	holder = lua_newuserdatauv(L, sizeof(*holder), 0);
	*holder = (struct holder){.anchor = LUA_NOREF};
	luaL_setmetatable(L, CREW_META);
	if (sr_crew_new(&holder->crew, &options, &err))
		return sr_push_failure(L, &err);
	lua_pushvalue(L, -1);
	holder->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
	return 1;
}

/* Of the projects that were chosen. */
static int push_results(lua_State *L, struct sr_op *op)
{
	struct sr_crew *crew = check_crew(L);
	lua_Integer n = 0;

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_createtable(L, sr_crew_count(crew), 0);
	for (int i = 0; i < sr_crew_count(crew); i++) {
		if (!sr_crew_chosen(crew, i))
			continue;
		crew_push_result(L, crew, i);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* crew:open() → { { id =, answer = } or { id =, error = } … } */
static int l_open(lua_State *L)
{
	struct sr_crew *crew = check_crew(L);
	struct sr_error err;
	struct sr_op *op;

	sr_task_check(L, "crew.open");
	op = sr_crew_open(crew, &err);
	return op ? sr_task_await(L, op, push_results) : sr_push_failure(L, &err);
}

/* crew:phase(load, argument [, ids]) → results as of open, of these projects (nil: all), with what they counted and
 * measured, and how hard the generator had to work */
static int l_phase(lua_State *L)
{
	struct sr_crew *crew = check_crew(L);
	struct sr_phase phase = {0};
	struct sr_error err;
	struct sr_buf *buf;
	struct sr_op *op;

	sr_task_check(L, "crew.phase");
	lua_settop(L, 4);
	crew_read_load(L, 2, &phase.load);
	phase.chosen = crew_read_chosen(L, 4, crew);
	buf = sr_push_buf(L, INFO_MAX);
	if (sr_copy_out(L, 3, "data", buf, &err))
		return sr_push_failure(L, &err);
	phase.argument = buf->data;
	phase.argument_len = buf->len;
	op = sr_crew_phase(crew, &phase, &err);
	return op ? sr_task_await(L, op, push_results) : sr_push_failure(L, &err);
}

static int closed(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	release(L, check_holder(L));
	lua_pushboolean(L, 1);
	return 1;
}

/* crew:close() → true; waits until the threads have ended */
static int l_close(lua_State *L)
{
	struct holder *holder = check_holder(L);
	struct sr_error err;
	struct sr_op *op;

	if (!holder->crew) {
		lua_pushboolean(L, 1);
		return 1;
	}
	sr_task_check(L, "crew.close");
	op = sr_crew_close(holder->crew, &err);
	return op ? sr_task_await(L, op, closed) : sr_push_failure(L, &err);
}

static int l_stop(lua_State *L)
{
	sr_crew_stop(check_crew(L));
	return 0;
}

static int l_cancel(lua_State *L)
{
	sr_crew_cancel(check_crew(L));
	return 0;
}

/* crew:live([with metrics]) → what the projects of the phase that runs have counted so far: { { id =, iterations =,
 * failed =, late =, dropped =, warmup =, total = (nil: not known), done =, metrics = (a copy) } … } */
static int l_live(lua_State *L)
{
	struct sr_crew *crew = check_crew(L);
	bool with_metrics = lua_toboolean(L, 2);
	lua_Integer n = 0;

	lua_createtable(L, sr_crew_count(crew), 0);
	for (int i = 0; i < sr_crew_count(crew); i++) {
		if (!sr_crew_chosen(crew, i))
			continue;
		crew_push_live(L, crew, i, with_metrics);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* executors() → names */
static int l_executors(lua_State *L)
{
	lua_newtable(L);
	for (int i = 0; sr_executor_at(i); i++) {
		lua_pushstring(L, sr_executor_at(i)->name);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static const luaL_Reg methods[] = {
    {"open", l_open},     {"phase", l_phase}, {"close", l_close}, {"stop", l_stop},
    {"cancel", l_cancel}, {"live", l_live},   {"__gc", l_gc},     {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"new", l_new},
    {"executors", l_executors},
    {NULL, NULL},
};

int sr_open_core_crew(lua_State *L)
{
	sr_class_register(L, CREW_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
