/* One Lua state with its loop: a project's, or the conductor's. Several states may share a loop (and
 * its thread), a state never changes its loop. */
#ifndef SCALERUN_BINDING_STATE_H
#define SCALERUN_BINDING_STATE_H

#include "scalerun/base/error.h"
#include "scalerun/base/metrics.h"
#include "scalerun/engine/history.h"
#include "scalerun/loop/loop.h"

#include <lua.h>

struct sr_state;

struct sr_state_options {
	struct sr_loop *loop;
	const char *name;     /* project id, or "conductor"; copied */
	const char *lua_path; /* --lua-path: a folder that overrides the embedded library, or NULL */
	uint64_t seed;        /* math.random and scale.random start from this */
};

/* Opens the standard libraries and registers every scalerun module (modules.c has the table). */
int sr_state_new(struct sr_state **state, const struct sr_state_options *options, struct sr_error *err);

/* Cancels every task, runs the loop until they have ended (at most twice 5 s), drops what modules keep,
 * lua_close. NULL is allowed. */
void sr_state_free(struct sr_state *state);

/* From any coroutine of the state. Constant time. */
struct sr_state *sr_state_of(lua_State *L);

lua_State *sr_state_lua(struct sr_state *state); /* the main thread of the Lua state */
struct sr_loop *sr_state_loop(struct sr_state *state);
struct sr_metrics *sr_state_metrics(struct sr_state *state);
struct sr_history *sr_state_history(struct sr_state *state);
const char *sr_state_name(const struct sr_state *state);
const char *sr_state_lua_path(const struct sr_state *state); /* or NULL */
uint64_t sr_state_seed(const struct sr_state *state);

/* Puts fresh (owned by the state from now on) in place of the state's own and returns the old one,
 * which is the caller's. */
struct sr_metrics *sr_state_take_metrics(struct sr_state *state, struct sr_metrics *fresh);
struct sr_history *sr_state_take_history(struct sr_state *state, struct sr_history *fresh);

/* Pauses of Lua's collector. */
struct sr_pauses {
	int64_t count, total, longest; /* ns */
	int64_t unmeasured;            /* collections within a script's computing, whose time is not known */
};

/* Those since the last call. */
void sr_state_take_pauses(struct sr_state *state, struct sr_pauses *pauses);

/* A pointer that a module keeps in the state, made on first use by make(state) and released by
 * drop(pointer) in sr_state_free, after all tasks have ended and before lua_close. key is an address
 * of the module's own. drop may run the loop. */
void *sr_state_slot(struct sr_state *state, const void *key, void *(*make)(struct sr_state *), void (*drop)(void *));

/* Calls the function below its nargs arguments on top of L's stack, with a traceback handler, outside
 * any task: it must not wait. 0 with nresults pushed, or -SR_ESCRIPT with nothing pushed. */
int sr_state_pcall(struct sr_state *state, int nargs, int nresults, struct sr_error *err);

#endif
