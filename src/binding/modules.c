#include "scalerun/binding/modules.h"

#include <lauxlib.h>
#include <lua-cjson.h>

static const luaL_Reg modules[] = {
    {"scalerun.core.time", sr_open_core_time},
    {"scalerun.core.task", sr_open_core_task},
    {"scalerun.core.data", sr_open_core_data},
    {"scalerun.core.metrics", sr_open_core_metrics},
    {"scalerun.core.hist", sr_open_core_hist},
    {"scalerun.core.history", sr_open_core_history},
    {"scalerun.core.json", sr_open_core_json},
    {"scalerun.core.http", sr_open_core_http},
    {"scalerun.core.pg", sr_open_core_pg},
    {"scalerun.core.redis", sr_open_core_redis},
    {"scalerun.core.process", sr_open_core_process},
    {"scalerun.core.fs", sr_open_core_fs},
    {"scalerun.core.os", sr_open_core_os},
    {"scalerun.core.build", sr_open_core_build},
    {"cjson", luaopen_cjson},
    {NULL, NULL},
};

void sr_modules_preload(lua_State *L)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	luaL_setfuncs(L, modules, 0);
	lua_pop(L, 1);
}
