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

/* Where a user gets its iterations from. Called on the state's thread. */
struct sr_source {
	/* The number of the user's next iteration (from 1), or 0 when there is none. *scheduled is when it
	 * should start (sr_now() time); the user waits until then. */
	int64_t (*next)(void *arg, int user, int64_t *scheduled);
	/* An iteration has ended; failure is NULL, or the kind of its error. */
	void (*ended)(void *arg, int user, int64_t scheduled, int64_t started, const char *failure);
	void *arg;
};

/* Starts worker.user(next, number) as a task, where next(failure) ends the iteration that the user ran
 * before (failure: nil, or the error's kind) and returns the next one's number, nil at the end; it
 * waits until the iteration is due. source must live until done. */
int sr_script_user(struct sr_state *state, int number, const struct sr_source *source, sr_script_fn *done, void *arg,
		   struct sr_error *err);

#endif
