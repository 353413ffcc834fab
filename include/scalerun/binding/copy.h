/* Plain data between Lua states: nil, booleans, numbers, strings, scale.null and tables of these (no
 * metatables, no cycles, depth at most 100). A value is written to bytes in one state and read in
 * another; the bytes are the process's own form, not for files. */
#ifndef SCALERUN_BINDING_COPY_H
#define SCALERUN_BINDING_COPY_H

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <lua.h>

/* Appends the value at idx. 0, or -SR_EINVAL with the path of what is not plain data ("users[3].fn is
 * a function"; what names the whole), -SR_ELIMIT or -SR_ENOMEM. Does not raise; the stack is as before. */
int sr_copy_out(lua_State *L, int idx, const char *what, struct sr_buf *buf, struct sr_error *err);

/* Pushes the value that _out wrote at data; may raise for want of memory. Returns the bytes read. */
size_t sr_copy_in(lua_State *L, const char *data, size_t len);

/* Pushes a userdata that owns a buffer, so that a Lua error does not leak it. */
struct sr_buf *sr_push_buf(lua_State *L, size_t max);

#endif
