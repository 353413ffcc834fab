/* Metrics as a Lua value (methods of scalerun.core.metrics). */
#ifndef SCALERUN_BINDING_METRICS_H
#define SCALERUN_BINDING_METRICS_H

#include "scalerun/base/metrics.h"
#include "scalerun/loop/op.h"

#include <lua.h>

/* Pushes a userdata that owns metrics and frees it when collected. Raises for want of memory, and then
 * metrics is freed. */
void sr_push_metrics(lua_State *L, struct sr_metrics *metrics);

/* What the running task counts in: the state's metrics, or where it is muted ones that nobody asks for. */
struct sr_metrics *sr_metrics_of(lua_State *L);

/* Counts an operation that ended just now, in that series of sr_metrics_of(L). kind: NULL when it succeeded. */
void sr_record(lua_State *L, int series, int64_t started, int64_t ended, const char *kind);

/* Counts a finished op, with its latency, in the series of that name of the state's own metrics. A failure is counted
 * as `kind`, or where that is NULL or empty by the name of its code. Too many series: it is not counted. */
void sr_record_op(lua_State *L, const char *series, const struct sr_op *op, const char *kind);

/* Pushes the histogram as the text that reports hold (sr_hist_encode); raises for want of memory. Returns 1. */
int sr_push_hist_text(lua_State *L, const struct sr_hist *hist);

#endif
