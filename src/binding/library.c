/* require for scalerun's own Lua modules: a file below --lua-path, else the copy in the binary. */
#include "private.h"
#include "scalerun/binding/embedded.h"

#include <lauxlib.h>
#include <stdio.h>
#include <unistd.h>

static int load_from(lua_State *L, const char *folder, const char *name)
{
	const char *path = luaL_gsub(L, name, ".", "/");
	const char *forms[] = {"%s/%s.lua", "%s/%s/init.lua"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char file[4096];
		int len = snprintf(file, sizeof(file), forms[i], folder, path);

		if (len < 0 || (size_t)len >= sizeof(file) || access(file, R_OK) != 0)
			continue;
		if (luaL_loadfile(L, file) != LUA_OK)
			return luaL_error(L, "cannot load module '%s': %s", name, lua_tostring(L, -1));
		lua_pushstring(L, file);
		return 2;
	}
	return 0;
}

int sr_library_searcher(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct sr_state *state = sr_state_of(L);
	const struct sr_embedded_module *module;

	if (state->lua_path) {
		int found = load_from(L, state->lua_path, name);

		if (found)
			return found;
	}
	module = sr_embedded_find(name);
	if (!module) {
		lua_pushfstring(L, "no module '%s' in scalerun's library", name);
		return 1;
	}
	lua_pushfstring(L, "@%s", module->path);
	if (luaL_loadbufferx(L, module->source, module->len, lua_tostring(L, -1), "t") != LUA_OK)
		return luaL_error(L, "cannot load module '%s': %s", name, lua_tostring(L, -1));
	lua_pushvalue(L, -2);
	return 2;
}
