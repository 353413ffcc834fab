#include "scalerun/binding/modules.h"

#include <lauxlib.h>
#include <lua-cjson.h>

static const luaL_Reg modules[] = {
    {"scalerun.core.time", sr_open_core_time},
    {"scalerun.core.task", sr_open_core_task},
    {"scalerun.core.data", sr_open_core_data},
    {"scalerun.core.metrics", sr_open_core_metrics},
    {"cjson", luaopen_cjson},
    {NULL, NULL},
};

void sr_modules_preload(lua_State *L)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	luaL_setfuncs(L, modules, 0);
	lua_pop(L, 1);
}
