/* JSON (RFC 8259) as Lua values. Integers stay integers as long as 64 bits hold them, null is scale.null
 * (the lightuserdata NULL), and an object's names are written in order, so that equal values give equal
 * texts. */
#ifndef SCALERUN_BINDING_JSON_H
#define SCALERUN_BINDING_JSON_H

#include "scalerun/base/error.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Pushes the value at idx as a text. A table with keys 1…n is an array, an empty one an object unless it was
 * marked (sr_json_push_array_meta). 0, or nothing pushed and -SR_EINVAL with the place of what JSON cannot say
 * ("tasks[3].run is a function"; what names the whole), -SR_ELIMIT (256 MiB of text, or of values while they
 * are held: 256 bytes a table, 32 and its text any other) or -SR_ENOMEM. Raises what a __pairs of the script's
 * own raises, and for want of memory. */
int sr_json_push_text(lua_State *L, int idx, const char *what, bool pretty, struct sr_error *err);

/* Pushes the value of a text that a 0 follows, or nothing and returns -SR_EPROTO with line and column. Of equal
 * names in an object the last counts. May raise for want of memory. */
int sr_json_decode(lua_State *L, const char *text, size_t len, struct sr_error *err);

/* Pushes the metatable of tables that are arrays even when they are empty. */
void sr_json_push_array_meta(lua_State *L);

#endif
