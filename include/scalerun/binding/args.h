/* Arguments that several modules take. */
#ifndef SCALERUN_BINDING_ARGS_H
#define SCALERUN_BINDING_ARGS_H

#include <lua.h>
#include <stdint.h>

/* A duration: a number of seconds (not negative, not NaN) or a string such as "200ms". Nanoseconds;
 * raises an argument error otherwise. Longer than about 292 years is SR_NEVER. */
int64_t sr_check_duration(lua_State *L, int arg);

/* The same for the field of the table at idx; fallback when it is absent. `what` names the function. */
int64_t sr_field_duration(lua_State *L, int idx, const char *field, int64_t fallback);

#endif
