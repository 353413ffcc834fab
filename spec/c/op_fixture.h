/* What tests of ops on one loop share: the loop of the running test, ops and closings that are waited for. */
#ifndef SCALERUN_SPEC_OP_FIXTURE_H
#define SCALERUN_SPEC_OP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/op.h"

#define PATIENCE (20 * SR_S)

static struct sr_loop *loop;

static inline int open_loop(void **state)
{
	int rc = make_loop(state);

	loop = *state;
	return rc;
}

static inline bool op_runs(void *arg)
{
	return ((struct sr_op *)arg)->state != SR_OP_DONE;
}

static inline void ignore_done(struct sr_op *op, int status, void *arg)
{
	(void)op;
	(void)status;
	(void)arg;
}

/* Runs the loop until op is done; returns its status. */
static inline int finish(struct sr_op *op)
{
	assert_int_equal(sr_loop_run_while(loop, op_runs, op, sr_now() + PATIENCE), 0);
	return op->status;
}

static inline bool unset(void *arg)
{
	return !*(bool *)arg;
}

static inline void set(void *arg)
{
	*(bool *)arg = true;
}

/* Runs the loop until what `set` was given as a callback for has happened. */
static inline void await_set(bool *flag)
{
	assert_int_equal(sr_loop_run_while(loop, unset, flag, sr_now() + PATIENCE), 0);
}

#endif
