/* Failures as Lua values: a table { kind, operation, message, detail } whose tostring is
 * "operation: message". The low layer returns nil and this; lua/scalerun raises it. */
#ifndef SCALERUN_BINDING_ERROR_H
#define SCALERUN_BINDING_ERROR_H

#include "scalerun/base/error.h"

#include <lua.h>

void sr_push_error(lua_State *L, const struct sr_error *err); /* +1 */

/* The metatable of error tables, for modules that make their own: +1. */
void sr_push_error_meta(lua_State *L);

int sr_push_failure(lua_State *L, const struct sr_error *err); /* pushes nil, error; returns 2 */

#endif
