#include "scalerun/binding/class.h"

#include <string.h>

/* The metatable is at the top, the table of methods below it. */
static void set_functions(lua_State *L, const luaL_Reg *functions)
{
	for (; functions->name; functions++) {
		lua_pushcfunction(L, functions->func);
		lua_setfield(L, strncmp(functions->name, "__", 2) == 0 ? -2 : -3, functions->name);
	}
}

void sr_class_register(lua_State *L, const char *name, const luaL_Reg *own, const luaL_Reg *inherited)
{
	lua_newtable(L);
	luaL_newmetatable(L, name);
	if (inherited)
		set_functions(L, inherited);
	set_functions(L, own);
	lua_pushvalue(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}
