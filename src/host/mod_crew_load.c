/* What scripts say about a phase, read into C. */
#include "mod_crew.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"

#include <lauxlib.h>
#include <string.h>

#define MAX_LATE (100 * SR_MS) /* unless a load says otherwise */
#define RATE_MAX 1000000

int crew_integer_field(lua_State *L, int idx, const char *name, int fallback)
{
	lua_Integer value = fallback;

	if (lua_getfield(L, idx, name) != LUA_TNIL) {
		int ok;

		value = lua_tointegerx(L, -1, &ok);
		if (!ok || value < 1 || value > INT32_MAX)
			luaL_error(L, "%s must be a whole number from 1", name);
	}
	lua_pop(L, 1);
	return (int)value;
}

static double rate_field(lua_State *L, int idx)
{
	double rate = 0;

	if (lua_getfield(L, idx, "rate") != LUA_TNIL) {
		rate = luaL_checknumber(L, -1);
		if (!(rate >= 0 && rate <= RATE_MAX))
			luaL_error(L, "rate must be a number from 0 to %d", RATE_MAX);
	}
	lua_pop(L, 1);
	return rate;
}

static void read_stages(lua_State *L, int idx, struct sr_load *load)
{
	lua_Integer n;

	if (lua_getfield(L, idx, "stages") != LUA_TNIL) {
		luaL_checktype(L, -1, LUA_TTABLE);
		n = luaL_len(L, -1);
		if (n > SR_STAGES_MAX)
			luaL_error(L, "load: at most %d stages, not %d", SR_STAGES_MAX, (int)n);
		for (int i = 0; i < (int)n; i++) {
			lua_geti(L, -1, i + 1);
			luaL_checktype(L, -1, LUA_TTABLE);
			load->stages[i].duration = sr_field_duration(L, lua_gettop(L), "duration", 0);
			load->stages[i].rate = rate_field(L, lua_gettop(L));
			lua_pop(L, 1);
		}
		load->stage_count = (int)n;
	}
	lua_pop(L, 1);
}

static bool shared_field(lua_State *L, int idx)
{
	bool shared;

	if (lua_getfield(L, idx, "shared") != LUA_TNIL)
		luaL_checktype(L, -1, LUA_TBOOLEAN);
	shared = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return shared;
}

void crew_read_load(lua_State *L, int idx, struct sr_load *load)
{
	struct sr_error err;
	const char *name, *start;

	luaL_checktype(L, idx, LUA_TTABLE);
	lua_getfield(L, idx, "executor");
	name = luaL_optstring(L, -1, "per-project-iterations");
	load->executor = sr_executor_find(name);
	if (!load->executor)
		luaL_error(L, "load: there is no executor '%s'", name);
	lua_getfield(L, idx, "start");
	start = luaL_optstring(L, -1, "together");
	load->together = start[0] == 't';
	lua_pop(L, 2);
	load->users = crew_integer_field(L, idx, "users", 1);
	load->iterations = crew_integer_field(L, idx, "iterations", 0);
	load->rate = rate_field(L, idx);
	load->shared = shared_field(L, idx);
	read_stages(L, idx, load);
	load->duration = sr_field_duration(L, idx, "duration", 0);
	load->warmup = sr_field_duration(L, idx, "warmup", 0);
	load->pacing = sr_field_duration(L, idx, "pacing", 0);
	load->max_late = sr_field_duration(L, idx, "max_late", MAX_LATE);
	if (sr_load_check(load, &err))
		luaL_error(L, "load: %s", err.text);
}

bool *crew_read_chosen(lua_State *L, int idx, const struct sr_crew *crew)
{
	int count = sr_crew_count(crew), found = 0;
	bool *chosen;

	if (lua_isnoneornil(L, idx)) {
		lua_pushnil(L);
		return NULL;
	}
	luaL_checktype(L, idx, LUA_TTABLE);
	chosen = lua_newuserdatauv(L, (size_t)count * sizeof(*chosen), 0);
	memset(chosen, 0, (size_t)count * sizeof(*chosen));
	for (lua_Integer n = 1; lua_geti(L, idx, n) != LUA_TNIL; n++) {
		const char *id = luaL_checkstring(L, -1);
		bool known = false;

		for (int i = 0; i < count; i++) {
			struct sr_crew_result project;

			sr_crew_result(crew, i, &project);
			if (strcmp(project.id, id) == 0)
				known = chosen[i] = true;
		}
		if (!known)
			luaL_error(L, "there is no project '%s'", id);
		found++;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	luaL_argcheck(L, found > 0, idx, "a phase needs at least one project");
	return chosen;
}
