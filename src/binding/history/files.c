/* Files of lines, and of ops. They block their thread: for the conductor, between phases. */
#include "private.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/engine/history_file.h"

#include <stdlib.h>

#define META "scalerun.zfile"

static struct sr_zfile *check_file(lua_State *L)
{
	struct sr_zfile **holder = luaL_checkudata(L, 1, META);

	luaL_argcheck(L, *holder, 1, "the file is closed");
	return *holder;
}

static struct sr_zfile **push_holder(lua_State *L)
{
	struct sr_zfile **holder = lua_newuserdatauv(L, sizeof(struct sr_zfile *), 0);

	*holder = NULL;
	luaL_setmetatable(L, META);
	return holder;
}

/* append(path) → file to write to, or nil, error */
int sr_lhist_append(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct sr_zfile **holder = push_holder(L);
	struct sr_error err;

	return sr_zfile_append(holder, path, &err) ? sr_push_failure(L, &err) : 1;
}

/* open(path) → file to read from, or nil, error */
int sr_lhist_open(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct sr_zfile **holder = push_holder(L);
	struct sr_error err;

	return sr_zfile_open(holder, path, &err) ? sr_push_failure(L, &err) : 1;
}

static int push_true(lua_State *L)
{
	lua_pushboolean(L, 1);
	return 1;
}

/* file:write(text) → true, or nil, error */
static int l_write(lua_State *L)
{
	struct sr_zfile *file = check_file(L);
	struct sr_error err;
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);

	return sr_zfile_write(file, text, len, &err) ? sr_push_failure(L, &err) : push_true(L);
}

/* file:line() → the next line, nil at the end, or nil, error */
static int l_line(lua_State *L)
{
	struct sr_zfile *file = check_file(L);
	struct sr_error err;
	const char *line;
	size_t len;
	int rc = sr_zfile_line(file, &line, &len, &err);

	if (rc < 0)
		return sr_push_failure(L, &err);
	if (rc == 0)
		return 0;
	lua_pushlstring(L, line, len);
	return 1;
}

/* file:finish() → true, or nil, error; the file that was written is complete, and closed */
static int l_finish(lua_State *L)
{
	struct sr_zfile **holder = luaL_checkudata(L, 1, META);
	struct sr_error err;
	int rc = sr_zfile_finish(check_file(L), &err);

	sr_zfile_free(*holder);
	*holder = NULL;
	return rc ? sr_push_failure(L, &err) : push_true(L);
}

static int l_close(lua_State *L)
{
	struct sr_zfile **holder = luaL_checkudata(L, 1, META);

	sr_zfile_free(*holder);
	*holder = NULL;
	return 0;
}

/* set:write(file, scenario) → true, or nil, error */
int sr_lhist_write(lua_State *L)
{
	struct sr_zfile **holder = luaL_checkudata(L, 2, META);
	const char *scenario = luaL_checkstring(L, 3);
	struct sr_history_query query;
	struct sr_error err;

	luaL_argcheck(L, *holder, 2, "the file is closed");
	sr_lhist_query(L, 4, &query);
	return sr_history_write(&query, scenario, *holder, &err) ? sr_push_failure(L, &err) : push_true(L);
}

static void set_label(lua_State *L, const char *name, const char *text)
{
	if (!text[0])
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

/* read(path) → { { history =, scenario =, phase =, arm =, project = }… }, or nil, error */
int sr_lhist_read(lua_State *L)
{
	struct sr_zfile **holder;
	struct sr_history **parts;
	struct sr_error err;
	int count, rc;

	lua_settop(L, 1);
	holder = push_holder(L);
	if (sr_zfile_open(holder, luaL_checkstring(L, 1), &err))
		return sr_push_failure(L, &err);
	rc = sr_history_read(*holder, sr_history_memory(), &parts, &count, &err);
	lua_createtable(L, count, 0);
	for (int i = 0; i < count; i++) {
		const struct sr_history_labels *labels = sr_history_labels(parts[i]);

		lua_createtable(L, 0, 5);
		sr_push_history(L, parts[i]);
		lua_setfield(L, -2, "history");
		set_label(L, "scenario", labels->scenario);
		set_label(L, "phase", labels->phase);
		set_label(L, "arm", labels->arm);
		set_label(L, "project", labels->project);
		lua_rawseti(L, -2, i + 1);
	}
	free(parts);
	return rc ? sr_push_failure(L, &err) : 1;
}

void sr_lhist_register_file(lua_State *L)
{
	static const luaL_Reg methods[] = {
	    {"write", l_write}, {"line", l_line},  {"finish", l_finish},
	    {"close", l_close}, {"__gc", l_close}, {NULL, NULL},
	};

	sr_class_register(L, META, methods, NULL);
}
