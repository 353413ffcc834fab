/* A loop for each test: cmocka hands it over in *state. */
#ifndef SCALERUN_SPEC_LOOP_FIXTURE_H
#define SCALERUN_SPEC_LOOP_FIXTURE_H

#include "scalerun/loop/loop.h"

static inline int make_loop(void **state)
{
	struct sr_error err;

	return sr_loop_new((struct sr_loop **)state, &err);
}

static inline int free_loop(void **state)
{
	sr_loop_free(*state);
	return 0;
}

static inline void one_turn(struct sr_loop *loop)
{
	sr_loop_stop(loop);
	sr_loop_run(loop);
}

#endif
