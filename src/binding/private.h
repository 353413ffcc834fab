/* What the files of this folder share. Not for other layers. */
#ifndef SR_BINDING_PRIVATE_H
#define SR_BINDING_PRIVATE_H

#include "collector.h"
#include "scalerun/binding/state.h"
#include "scalerun/binding/task.h"

/* What a coroutine's extra space points to: a task's own context, or its state's (task NULL) in the
 * main thread and in coroutines that scripts make. */
struct sr_context {
	struct sr_state *state;
	struct sr_task *task;
};

struct sr_slot {
	const void *key;
	void *value;
	void (*drop)(void *);
	struct sr_slot *next;
};

struct sr_state {
	struct sr_context context;
	lua_State *L;
	struct sr_alloc *alloc;
	struct sr_loop *loop;
	struct sr_collector collector;
	struct sr_metrics *metrics;
	struct sr_metrics *unheard; /* of muted tasks */
	struct sr_history *history;
	char *name;
	char *lua_path; /* or NULL */
	uint64_t seed;
	struct sr_slot *slots; /* newest first */
	struct sr_task *tasks; /* every task that has not ended */
	unsigned task_count;
};

static inline struct sr_context *sr_context_of(lua_State *L)
{
	return *(struct sr_context **)lua_getextraspace(L);
}

/* Message handler: a string (or a value with __tostring) becomes itself with a traceback, an error
 * table keeps its identity and gets a field "traceback" unless it has one. */
int sr_traceback(lua_State *L);

/* require for the embedded library and --lua-path; put in front of Lua's own searchers. */
int sr_library_searcher(lua_State *L);

#endif
