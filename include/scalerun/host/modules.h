/* The Lua modules that only the conductor has. */
#ifndef SCALERUN_HOST_MODULES_H
#define SCALERUN_HOST_MODULES_H

#include <lua.h>

int sr_open_core_crew(lua_State *L);     /* "scalerun.core.crew" */
int sr_open_core_signal(lua_State *L);   /* "scalerun.core.signal" */
int sr_open_core_terminal(lua_State *L); /* "scalerun.core.terminal": is_terminal, width, height */
int sr_open_core_editor(lua_State *L);   /* "scalerun.core.editor" */

#endif
