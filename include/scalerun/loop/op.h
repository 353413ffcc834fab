/* One asynchronous operation.
 *
 * An op completes exactly once, always from its loop's completion step, never inside the call that
 * starts or cancels it. An engine embeds struct sr_op as the FIRST member of its own request struct:
 *
 *   engine:  sr_op_begin()  … later, once …  sr_op_finish(op, status)
 *   owner:   sets done and arg before the start; reads the result in done; then frees with sr_op_free
 *
 * Owner: whoever started the op. The memory must stay until done has been called; sr_op_free may be
 * called in or after it. Thread: the loop's own. */
#ifndef SCALERUN_LOOP_OP_H
#define SCALERUN_LOOP_OP_H

#include "scalerun/base/error.h"
#include "scalerun/loop/loop.h"
#include "scalerun/loop/timer.h"

#include <stdbool.h>
#include <stdint.h>

struct sr_op;

/* status: 0 or -SR_E…; then op->err says more. */
typedef void sr_op_fn(struct sr_op *op, int status, void *arg);

struct sr_op_class {
	const char *name; /* the user's word: "http.request" */
	/* Asks the engine to end the op early. It must bring about sr_op_finish(op, -code) (code is
	 * SR_ETIMEOUT or SR_ECANCEL; op->err is already filled), at once or later, and must leave the
	 * connection in a defined state: usable, or closed. NULL: the op is simply finished. */
	void (*cancel)(struct sr_op *op, int code);
	/* Releases the op's memory and results. Only called when the op is not running. */
	void (*free)(struct sr_op *op);
};

struct sr_op {
	const struct sr_op_class *cls;
	struct sr_loop *loop;
	sr_op_fn *done;
	void *arg;
	struct sr_timer timer; /* the deadline */
	struct sr_job job;     /* its place among the completions */
	int64_t started;       /* sr_now() at sr_op_begin */
	int64_t ended;         /* sr_now() at sr_op_finish: before the wait in the completion queue */
	int status;
	struct sr_error err;
	enum { SR_OP_IDLE, SR_OP_RUNNING, SR_OP_FINISHED, SR_OP_DONE } state;
	bool cancelling;
};

void sr_op_init(struct sr_op *op, struct sr_loop *loop, const struct sr_op_class *cls);

/* The engine: the op runs from now on. timeout in ns from now, SR_NEVER for none. At the deadline the
 * op is cancelled with SR_ETIMEOUT. */
void sr_op_begin(struct sr_op *op, int64_t timeout);

/* The engine: the op has ended. status 0, or -SR_E… with op->err filled. The second and later calls
 * do nothing. `done` runs in the completion step. */
void sr_op_finish(struct sr_op *op, int status);

/* Fills op->err and finishes. */
void sr_op_fail(struct sr_op *op, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Anyone on the loop's thread: end the op early with SR_ECANCEL. No effect once finished, or while
 * an earlier cancellation is under way. done is still called, exactly once. */
void sr_op_cancel(struct sr_op *op);

static inline bool sr_op_running(const struct sr_op *op)
{
	return op->state == SR_OP_RUNNING;
}

/* Releases an op that is not running (never begun, or done was called). NULL is allowed. */
void sr_op_free(struct sr_op *op);

/* An op that is only its timer: ends with 0 at `due` (sr_now() time; spin as in timer.h). */
struct sr_op *sr_sleep_new(struct sr_loop *loop);
void sr_sleep_start(struct sr_op *op, int64_t due, int64_t spin);

#endif
