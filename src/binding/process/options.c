/* The options of process.spawn. */
#include "private.h"

#include "scalerun/binding/args.h"
#include "scalerun/binding/signals.h"

#include <lauxlib.h>
#include <string.h>

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

void sr_lprocess_check_options(lua_State *L, struct sr_process_options *options)
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
