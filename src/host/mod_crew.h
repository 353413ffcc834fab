/* What the files of the crew's Lua module share. */
#ifndef SR_MOD_CREW_H
#define SR_MOD_CREW_H

#include "scalerun/host/crew.h"

#include <lua.h>

/* Reading: each raises what is wrong. */
int crew_integer_field(lua_State *L, int idx, const char *name, int fallback);
void crew_read_load(lua_State *L, int idx, struct sr_load *load);

/* The list of ids at idx, or nil for all: which projects are on it, as a userdata on top (nil for all). */
bool *crew_read_chosen(lua_State *L, int idx, const struct sr_crew *crew);

/* A project's result as a table; takes its metrics and history. */
void crew_push_result(lua_State *L, struct sr_crew *crew, int index);

/* What a project has counted so far in the phase that runs. */
void crew_push_live(lua_State *L, const struct sr_crew *crew, int index, bool with_metrics);

#endif
