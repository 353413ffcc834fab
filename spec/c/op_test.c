/* Ops: exactly once, never inside the call that starts or ends them, with a reason in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "loop_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/op.h"

#include <stdlib.h>

static struct {
	unsigned done;
	unsigned freed;
	unsigned cancelled;
	int status;
	int cancel_code;
} seen;

struct probe {
	struct sr_op op;
};

static void free_probe(struct sr_op *op)
{
	seen.freed++;
	free(op);
}

static void note_cancel(struct sr_op *op, int code)
{
	(void)op;
	seen.cancelled++;
	seen.cancel_code = code;
}

static void finish_on_cancel(struct sr_op *op, int code)
{
	note_cancel(op, code);
	sr_op_finish(op, -code);
}

static const struct sr_op_class plain = {.name = "probe.plain", .free = free_probe};
static const struct sr_op_class slow = {.name = "probe.slow", .cancel = note_cancel, .free = free_probe};
static const struct sr_op_class quick = {.name = "probe.quick", .cancel = finish_on_cancel, .free = free_probe};

static void note_done(struct sr_op *op, int status, void *arg)
{
	(void)arg;
	assert_int_equal(op->state, SR_OP_DONE);
	assert_int_equal(op->status, status);
	seen.done++;
	seen.status = status;
}

static void free_in_done(struct sr_op *op, int status, void *arg)
{
	note_done(op, status, arg);
	sr_op_free(op);
}

static int set_up(void **state)
{
	seen.done = seen.freed = seen.cancelled = 0;
	seen.status = 1;
	return make_loop(state);
}

static struct sr_op *make_probe(struct sr_loop *loop, const struct sr_op_class *cls)
{
	struct probe *probe = malloc(sizeof *probe);

	assert_non_null(probe);
	sr_op_init(&probe->op, loop, cls);
	probe->op.done = note_done;
	return &probe->op;
}

static bool nothing_done(void *arg)
{
	(void)arg;
	return seen.done == 0;
}

static unsigned pending(struct sr_loop *loop)
{
	struct sr_loop_stats stats;

	sr_loop_stats(loop, &stats);
	return stats.pending;
}

static void an_op_completes_once_in_the_completion_step(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &plain);

	assert_false(sr_op_running(op));
	sr_op_begin(op, SR_NEVER);
	assert_true(sr_op_running(op));
	assert_int_equal(pending(loop), 1);
	sr_op_finish(op, 0);
	assert_false(sr_op_running(op));
	assert_int_equal(pending(loop), 0);
	sr_op_finish(op, -SR_EIO);
	sr_op_fail(op, SR_EIO, "too late");
	sr_op_cancel(op);
	assert_int_equal(seen.done, 0);
	one_turn(loop);
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.status, 0);
	assert_int_equal(op->err.code, 0);
	assert_string_equal(op->err.text, "");
	assert_true(op->ended >= op->started && op->started > 0);
	sr_op_finish(op, -SR_EIO);
	sr_op_cancel(op);
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.freed, 0);
	sr_op_free(op);
	assert_int_equal(seen.freed, 1);
}

static void an_op_may_be_freed_in_done(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &plain);

	op->done = free_in_done;
	sr_op_begin(op, 30 * SR_S);
	sr_op_finish(op, 0);
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.freed, 1);
}

static void an_op_that_never_began_can_be_freed(void **state)
{
	sr_op_free(make_probe(*state, &plain));
	assert_int_equal(seen.freed, 1);
	sr_op_free(NULL);
}

static void failure_carries_its_text(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &plain);

	sr_op_begin(op, SR_NEVER);
	sr_op_fail(op, SR_ECONNECT, "nobody listens on port %d", 1);
	one_turn(loop);
	assert_int_equal(seen.status, -SR_ECONNECT);
	assert_int_equal(op->err.code, SR_ECONNECT);
	assert_string_equal(op->err.op, "probe.plain");
	assert_string_equal(op->err.text, "nobody listens on port 1");
	sr_op_free(op);
}

static void a_deadline_ends_an_op_with_its_span(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &plain);

	sr_op_begin(op, 2 * SR_MS);
	assert_int_equal(sr_loop_run_while(loop, nothing_done, NULL, sr_now() + 60 * SR_S), 0);
	assert_int_equal(seen.status, -SR_ETIMEOUT);
	assert_int_equal(op->err.code, SR_ETIMEOUT);
	assert_string_equal(op->err.op, "probe.plain");
	assert_string_equal(op->err.text, "timed out after 2 ms");
	assert_true(op->ended >= op->started + 2 * SR_MS);
	sr_op_free(op);
}

static void a_deadline_in_the_past_does_not_complete_inside_the_start(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &quick);

	sr_op_begin(op, 0);
	assert_true(sr_op_running(op));
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.cancel_code, SR_ETIMEOUT);
	sr_op_free(op);
}

static void cancelling_completes_later(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &plain);

	sr_op_cancel(op); /* not begun: no effect */
	sr_op_begin(op, 30 * SR_S);
	sr_op_cancel(op);
	assert_int_equal(seen.done, 0);
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.status, -SR_ECANCEL);
	assert_string_equal(op->err.text, "cancelled");
	sr_op_free(op);
}

static void an_engine_may_take_its_time_to_cancel(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &slow);

	sr_op_begin(op, SR_MS);
	sr_op_cancel(op);
	sr_op_cancel(op);
	assert_int_equal(seen.cancelled, 1);
	assert_int_equal(seen.cancel_code, SR_ECANCEL);
	while (sr_timer_armed(&op->timer)) /* the deadline passes meanwhile: it does not cancel again */
		sr_loop_run_while(loop, nothing_done, NULL, sr_now() + SR_MS);
	assert_true(sr_op_running(op));
	assert_int_equal(seen.cancelled, 1);
	assert_string_equal(op->err.text, "cancelled");
	sr_op_finish(op, -SR_ECANCEL);
	one_turn(loop);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.status, -SR_ECANCEL);
	sr_op_free(op);
}

static void an_op_without_memory_for_its_deadline_is_cancelled(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = make_probe(loop, &quick);
	struct sr_op *finished = make_probe(loop, &quick);

	loop->timers.limit = 0;
	sr_op_begin(op, 30 * SR_S);
	assert_true(sr_op_running(op));
	assert_int_equal(seen.cancelled, 0);
	sr_op_begin(finished, 30 * SR_S);
	sr_op_finish(finished, 0);
	one_turn(loop);
	assert_int_equal(seen.done, 2);
	assert_int_equal(seen.cancelled, 1);
	assert_int_equal(op->status, -SR_ECANCEL);
	assert_int_equal(finished->status, 0);
	sr_op_free(op);
	sr_op_free(finished);
}

static void sleep_ends_at_its_time(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = sr_sleep_new(loop);
	int64_t due = sr_now() + 2 * SR_MS;

	assert_non_null(op);
	op->done = note_done;
	sr_sleep_start(op, due, 50 * SR_US);
	assert_int_equal(sr_loop_run_while(loop, nothing_done, NULL, sr_now() + 60 * SR_S), 0);
	assert_int_equal(seen.status, 0);
	assert_true(op->ended >= due);
	sr_op_free(op);
}

static void sleep_can_be_cancelled(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = sr_sleep_new(loop);

	assert_non_null(op);
	op->done = note_done;
	sr_sleep_start(op, sr_now() + 3600 * SR_S, 0);
	sr_op_cancel(op);
	one_turn(loop);
	assert_int_equal(seen.status, -SR_ECANCEL);
	assert_string_equal(op->err.op, "time.sleep");
	sr_op_free(op);
}

static void sleep_without_memory_fails(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_op *op = sr_sleep_new(loop);

	assert_non_null(op);
	op->done = note_done;
	loop->timers.limit = 0;
	sr_sleep_start(op, sr_now() + SR_S, 0);
	one_turn(loop);
	assert_int_equal(seen.status, -SR_ENOMEM);
	sr_op_free(op);
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, set_up, free_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LOOP(an_op_completes_once_in_the_completion_step),
	    WITH_LOOP(an_op_may_be_freed_in_done),
	    WITH_LOOP(an_op_that_never_began_can_be_freed),
	    WITH_LOOP(failure_carries_its_text),
	    WITH_LOOP(a_deadline_ends_an_op_with_its_span),
	    WITH_LOOP(a_deadline_in_the_past_does_not_complete_inside_the_start),
	    WITH_LOOP(cancelling_completes_later),
	    WITH_LOOP(an_engine_may_take_its_time_to_cancel),
	    WITH_LOOP(an_op_without_memory_for_its_deadline_is_cancelled),
	    WITH_LOOP(sleep_ends_at_its_time),
	    WITH_LOOP(sleep_can_be_cancelled),
	    WITH_LOOP(sleep_without_memory_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
