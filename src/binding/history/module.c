/* scalerun.core.history: recording in a project, and judging on the conductor. */
#include "private.h"
#include "scalerun/binding/modules.h"

static const luaL_Reg functions[] = {
    {"record", sr_lhist_record}, {"op", sr_lhist_op},
    {"secret", sr_lhist_secret}, {"hash", sr_lhist_hash},
    {"take", sr_lhist_take},     {"set", sr_lhist_new_set},
    {"append", sr_lhist_append}, {"open", sr_lhist_open},
    {"read", sr_lhist_read},     {NULL, NULL},
};

int sr_open_core_history(lua_State *L)
{
	sr_lhist_register_set(L);
	sr_lhist_register_file(L);
	luaL_newlib(L, functions);
	return 1;
}
