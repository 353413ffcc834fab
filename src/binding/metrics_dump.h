/* Series of metrics as plain tables, and back; what mod_metrics.c calls dump and load. */
#ifndef SR_BINDING_METRICS_DUMP_H
#define SR_BINDING_METRICS_DUMP_H

#include "scalerun/base/metrics.h"

#include <lua.h>

/* Pushes the series as a table. */
void sr_dump_series(lua_State *L, const struct sr_metrics *metrics, int series);

/* Adds the series in the table at the top of the stack. Raises what is wrong with it. */
void sr_load_series(lua_State *L, struct sr_metrics *metrics);

#endif
