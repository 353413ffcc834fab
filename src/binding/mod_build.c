/* scalerun.core.build: what this program is. */
#include "scalerun/binding/modules.h"

#include <lauxlib.h>
#include <limits.h>
#include <unistd.h>
#include <uv.h>

static void set_text(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

int sr_open_core_build(lua_State *L)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	lua_createtable(L, 0, 4);
	set_text(L, "version", SCALERUN_VERSION);
	set_text(L, "lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE);
	set_text(L, "libuv", uv_version_string());
	if (len > 0) {
		lua_pushlstring(L, path, (size_t)len);
		lua_setfield(L, -2, "executable");
	}
	return 1;
}
