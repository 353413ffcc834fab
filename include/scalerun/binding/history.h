/* Histories as Lua values (scalerun.core.history). */
#ifndef SCALERUN_BINDING_HISTORY_H
#define SCALERUN_BINDING_HISTORY_H

#include "scalerun/engine/history.h"

#include <lua.h>

/* The budget of this process: what all histories together may hold in memory. */
struct sr_history_budget *sr_history_memory(void);

/* Pushes a userdata that owns the history and frees it when collected. Raises for want of memory, and then it is
 * freed. */
void sr_push_history(lua_State *L, struct sr_history *history);

#endif
