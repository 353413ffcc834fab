/* Metrics as a Lua value (methods of scalerun.core.metrics). */
#ifndef SCALERUN_BINDING_METRICS_H
#define SCALERUN_BINDING_METRICS_H

#include "scalerun/base/metrics.h"

#include <lua.h>

/* Pushes a userdata that owns metrics and frees it when collected. Raises for want of memory, and then
 * metrics is freed. */
void sr_push_metrics(lua_State *L, struct sr_metrics *metrics);

#endif
