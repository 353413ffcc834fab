/* Signals by name. */
#ifndef SCALERUN_BINDING_SIGNALS_H
#define SCALERUN_BINDING_SIGNALS_H

#include <lua.h>

/* The number of the signal at idx: a name such as "TERM" or "SIGTERM", or a number. Raises otherwise. */
int sr_check_signal(lua_State *L, int idx);

/* Pushes "TERM" and the like, or the number of a signal without a name. */
void sr_push_signal(lua_State *L, int number);

#endif
