/* The Lua side of a project, for hosts that do not speak Lua: functions of the library's module
 * scalerun.worker are run as tasks, plain data goes in and out as bytes (copy.h). */
#ifndef SCALERUN_BINDING_SCRIPT_H
#define SCALERUN_BINDING_SCRIPT_H

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"
#include "scalerun/binding/state.h"

#include <stdbool.h>
#include <stdint.h>

/* Called once, from the loop's completion step. On success result (the caller's, given at the call)
 * holds the function's one return value; otherwise err says what happened. */
typedef void sr_script_fn(void *arg, int status, const struct sr_error *err);

/* Starts worker[function](argument) as a task. argument: bytes of one value, or len 0 for none; only
 * read during this call. result stays the caller's and must live until done; it may be NULL. */
int sr_script_call(struct sr_state *state, const char *function, const char *argument, size_t len,
		   struct sr_buf *result, sr_script_fn *done, void *arg, struct sr_error *err);

struct sr_iteration {
	int64_t number;    /* from 1; 0: none */
	int64_t scheduled; /* sr_now() time at which it should have begun */
	int64_t started;
	bool open;  /* its schedule does not depend on the iterations before: latency counts from it too */
	bool muted; /* it does not count: see sr_task_iteration */
};

enum sr_next { SR_NEXT_RUN, SR_NEXT_WAIT, SR_NEXT_END };

/* Where a user gets its iterations from. Called on the state's thread. */
struct sr_source {
	/* What the user does next. RUN: the iteration, of which all but `started` is filled in. WAIT: ask again at
	 * *until (sr_now() time, SR_NEVER allowed), or when sr_script_wake says so. think: how long the user
	 * pauses from now on, in ns; 0 when it asks again. */
	enum sr_next (*next)(void *arg, int user, int64_t think, struct sr_iteration *iteration, int64_t *until);
	/* An iteration has ended; failure is NULL, or the kind of its error. */
	void (*ended)(void *arg, int user, const struct sr_iteration *iteration, const char *failure);
	void *arg;
};

/* A user: the caller's memory, whose fields are script.c's own. */
struct sr_user {
	const struct sr_source *source;
	int number;
	struct sr_iteration iteration; /* under way */
	struct sr_op *wait;            /* or NULL */
};

/* Starts worker.user(next, number) as a task, where next(failure, think) ends the iteration that the user ran
 * before (failure: nil, or the error's kind; think: seconds, or nil), waits until another is due and returns its
 * number and whether it is muted, or nil at the end. user and source must live until done. */
int sr_script_user(struct sr_state *state, struct sr_user *user, int number, const struct sr_source *source,
		   sr_script_fn *done, void *arg, struct sr_error *err);

/* A user that waits asks again; no effect when it does not. */
void sr_script_wake(struct sr_user *user);

#endif
