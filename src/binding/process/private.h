/* What the files of scalerun.core.process share. */
#ifndef SR_BINDING_PROCESS_PRIVATE_H
#define SR_BINDING_PROCESS_PRIVATE_H

#include "scalerun/engine/process.h"

#include <lua.h>
#include <stdbool.h>

/* What a handle refers to. It outlives the handle while the child runs (a server that a script started and
 * forgot goes on), and the child while a handle exists. */
struct child {
	struct sr_process *process; /* NULL: closed */
	struct children *children;
	struct child *next, **prev;
	bool handled; /* by a userdata */
};

/* The children of one state. */
struct children {
	struct sr_loop *loop;
	struct child *first;
	unsigned closing; /* processes whose close is under way */
	unsigned stopping;
};

/* ---- children.c ---- */

/* NULL: no memory. They end when the state does. */
struct children *sr_lprocess_children(lua_State *L);

/* Enters a child whose process runs. */
void sr_lprocess_add(struct children *children, struct child *child);

/* Closes the child's process, and frees the child unless a handle refers to it. */
void sr_lprocess_close(struct child *child);

/* ---- options.c ---- */

/* Reads what spawn takes from the table at 1 into zeroed options. Leaves what they point to on the stack; raises what
 * is wrong. */
void sr_lprocess_check_options(lua_State *L, struct sr_process_options *options);

#endif
