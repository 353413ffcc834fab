/* Classes: the metatables of the userdata that modules hand out. */
#ifndef SCALERUN_BINDING_CLASS_H
#define SCALERUN_BINDING_CLASS_H

#include <lauxlib.h>
#include <lua.h>

/* Registers the class `name`, for luaL_setmetatable and luaL_checkudata. Functions whose names begin with "__" are its
 * metamethods, the others are the methods of its values. Both lists end with {NULL, NULL}; `inherited` may be NULL,
 * and `own` wins where both have a name. Pushes nothing. */
void sr_class_register(lua_State *L, const char *name, const luaL_Reg *own, const luaL_Reg *inherited);

#endif
