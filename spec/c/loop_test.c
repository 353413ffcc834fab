/* The turn: what runs when, and that nothing is lost, run twice or starved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "loop_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/loop.h"
#include "scalerun/loop/op.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

static char trace[64]; /* the letters of the jobs that ran */

struct step {
	struct sr_job job;
	struct sr_loop *loop;
	char letter;
	void (*then)(struct step *step);
	struct step *other;
	unsigned runs;
};

static void run_step(void *arg)
{
	struct step *step = arg;
	size_t length = strlen(trace);

	if (length + 1 < sizeof trace) {
		trace[length] = step->letter;
		trace[length + 1] = '\0';
	}
	step->runs++;
	if (step->then)
		step->then(step);
}

static void step_init(struct step *step, struct sr_loop *loop, char letter)
{
	*step = (struct step){.loop = loop, .letter = letter, .job = {.fn = run_step, .arg = step}};
}

static int set_up(void **state)
{
	trace[0] = '\0';
	return make_loop(state);
}

static void defer_other(struct step *step)
{
	sr_loop_defer(step->loop, &step->other->job);
}

static void hook_other(struct step *step)
{
	sr_loop_at_turn_end(step->loop, &step->other->job);
}

static void stop_loop(struct step *step)
{
	sr_loop_stop(step->loop);
}

static void jobs_run_once_in_order(void **state)
{
	struct sr_loop *loop = *state;
	struct step a, b, c;

	step_init(&a, loop, 'a');
	step_init(&b, loop, 'b');
	step_init(&c, loop, 'c');
	sr_loop_defer(loop, &a.job);
	sr_loop_defer(loop, &b.job);
	sr_loop_defer(loop, &c.job);
	assert_string_equal(trace, "");
	one_turn(loop);
	one_turn(loop);
	assert_string_equal(trace, "abc");
	assert_false(a.job.queued);
}

static void a_queued_job_is_not_queued_again(void **state)
{
	struct sr_loop *loop = *state;
	struct step a, b;

	step_init(&a, loop, 'a');
	step_init(&b, loop, 'b');
	sr_loop_defer(loop, &a.job);
	sr_loop_defer(loop, &b.job);
	sr_loop_defer(loop, &a.job);
	sr_loop_at_turn_end(loop, &a.job);
	one_turn(loop);
	assert_string_equal(trace, "ab");
}

static void hooks_follow_completions_and_come_before_poll(void **state)
{
	struct sr_loop *loop = *state;
	struct step a, b, hook, c, last;

	step_init(&a, loop, 'a');
	step_init(&b, loop, 'b');
	step_init(&hook, loop, 'h');
	step_init(&c, loop, 'c');
	step_init(&last, loop, 'l');
	a.then = hook_other;
	a.other = &hook;
	hook.then = defer_other;
	hook.other = &c;
	c.then = hook_other;
	c.other = &last;
	sr_loop_defer(loop, &a.job);
	sr_loop_defer(loop, &b.job);
	one_turn(loop);
	assert_string_equal(trace, "abhcl");
}

static void forgotten_jobs_do_not_run(void **state)
{
	struct sr_loop *loop = *state;
	struct step a, b, c, h, i;

	step_init(&a, loop, 'a');
	step_init(&b, loop, 'b');
	step_init(&c, loop, 'c');
	step_init(&h, loop, 'h');
	step_init(&i, loop, 'i');
	sr_loop_defer(loop, &a.job);
	sr_loop_defer(loop, &b.job);
	sr_loop_defer(loop, &c.job);
	sr_loop_at_turn_end(loop, &h.job);
	sr_loop_at_turn_end(loop, &i.job);
	sr_loop_forget(loop, &b.job);
	sr_loop_forget(loop, &c.job);
	sr_loop_forget(loop, &c.job);
	sr_loop_forget(loop, &h.job);
	sr_loop_defer(loop, &c.job); /* behind a: the tail was mended */
	one_turn(loop);
	assert_string_equal(trace, "aci");
}

static void run_goes_on_until_stop(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_loop_stats stats;
	struct step a;

	step_init(&a, loop, 'a');
	a.then = stop_loop;
	sr_loop_defer(loop, &a.job);
	sr_loop_run(loop);
	assert_string_equal(trace, "a");
	sr_loop_stats(loop, &stats);
	assert_int_equal(stats.turns, 1);
	assert_true(stats.busy > 0);
	assert_int_equal(stats.longest, stats.busy);
	assert_int_equal(stats.pending, 0);
	assert_int_equal(stats.timers, 0);
}

static bool unfinished(void *arg)
{
	return ((struct sr_op *)arg)->state != SR_OP_DONE;
}

static void waiting_is_not_counted_as_busy(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_loop_stats stats;
	int64_t start = sr_now();

	while (loop->idle == 0) { /* a machine under load may have slept enough before it polls */
		struct sr_op *op = sr_sleep_new(loop);

		sr_sleep_start(op, sr_now() + 5 * SR_MS, 0);
		sr_loop_run_while(loop, unfinished, op, SR_NEVER);
		sr_op_free(op);
	}
	sr_loop_stats(loop, &stats);
	assert_true(stats.busy > 0);
	assert_true(stats.longest > 0);
	assert_true(stats.busy + loop->idle <= sr_now() - start);
}

struct spin {
	struct sr_job job;
	struct sr_loop *loop;
	int64_t took; /* at least */
	struct sr_loop_stats stats;
};

static void spin_and_look(void *arg)
{
	struct spin *spin = arg;
	int64_t start = sr_now(), now = start;

	while (now - start < SR_MS)
		now = sr_now();
	spin->took = now - start;
	sr_loop_stats(spin->loop, &spin->stats);
	sr_loop_stop(spin->loop);
}

static void the_turn_that_runs_counts_so_far(void **state)
{
	struct spin spin = {.loop = *state};

	spin.job.fn = spin_and_look;
	spin.job.arg = &spin;
	sr_loop_defer(spin.loop, &spin.job);
	sr_loop_run(spin.loop);
	assert_true(spin.stats.busy >= spin.took);
	assert_true(spin.stats.longest >= spin.took);
	assert_int_equal(spin.stats.turns, 0);
}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

static bool not_run_yet(void *arg)
{
	return ((struct step *)arg)->runs == 0;
}

static bool ran_less_than_10000(void *arg)
{
	return ((struct step *)arg)->runs < 10000;
}

static void run_while_ends_with_its_condition(void **state)
{
	struct sr_loop *loop = *state;
	struct step a;

	step_init(&a, loop, 'a');
	sr_loop_defer(loop, &a.job);
	assert_int_equal(sr_loop_run_while(loop, not_run_yet, &a, SR_NEVER), 0);
	assert_int_equal(a.runs, 1);
	assert_int_equal(sr_loop_run_while(loop, not_run_yet, &a, SR_NEVER), 0);
	assert_int_equal(sr_loop_run_while(loop, not_run_yet, &a, 0), 0);
}

static void run_while_ends_at_its_deadline(void **state)
{
	struct sr_loop *loop = *state;
	int64_t deadline = sr_now() + 5 * SR_MS;
	struct sr_loop_stats stats;

	assert_int_equal(sr_loop_run_while(loop, always, NULL, deadline), -SR_ETIMEOUT);
	assert_true(sr_now() >= deadline);
	assert_int_equal(sr_loop_run_while(loop, always, NULL, 0), -SR_ETIMEOUT);
	sr_loop_stats(loop, &stats);
	assert_int_equal(stats.timers, 0);
}

static void read_byte(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	*(bool *)poll->data = true;
	uv_poll_stop(poll);
}

static bool unset(void *arg)
{
	return !*(bool *)arg;
}

/* Jobs that queue themselves for ever must keep neither descriptors nor hooks from their turn. */
static void endless_jobs_do_not_starve_others(void **state)
{
	struct sr_loop *loop = *state;
	struct step busy, hook;
	uv_poll_t poll;
	bool seen = false;
	int ends[2];

	step_init(&busy, loop, 'b');
	step_init(&hook, loop, 'h');
	busy.other = &busy;
	busy.then = defer_other;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	uv_poll_init(sr_loop_uv(loop), &poll, ends[0]);
	poll.data = &seen;
	uv_poll_start(&poll, UV_READABLE, read_byte);
	sr_loop_defer(loop, &busy.job);
	sr_loop_at_turn_end(loop, &hook.job);

	assert_int_equal(sr_loop_run_while(loop, unset, &seen, SR_NEVER), 0);
	assert_int_equal(sr_loop_run_while(loop, not_run_yet, &hook, SR_NEVER), 0);
	assert_int_equal(sr_loop_run_while(loop, ran_less_than_10000, &busy, SR_NEVER), 0);

	sr_loop_forget(loop, &busy.job);
	uv_close((uv_handle_t *)&poll, NULL);
	one_turn(loop);
	close(ends[0]);
	close(ends[1]);
}

static void an_endless_hook_does_not_starve_descriptors(void **state)
{
	struct sr_loop *loop = *state;
	struct step hook;
	struct sr_op *op = sr_sleep_new(loop);

	step_init(&hook, loop, 'h');
	hook.other = &hook;
	hook.then = hook_other;
	sr_loop_at_turn_end(loop, &hook.job);
	sr_sleep_start(op, sr_now() + SR_MS, 0);
	sr_loop_run_while(loop, unfinished, op, SR_NEVER);
	sr_op_free(op);
	assert_true(hook.job.queued);
	sr_loop_forget(loop, &hook.job);
}

#ifndef NDEBUG
/* An owner that forgets a handle learns of it in a debug build. */
static void free_with_an_open_handle_aborts(void **state)
{
	pid_t child;
	int status;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		static uv_timer_t forgotten;
		struct sr_loop *loop;
		struct sr_error err;

		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr) || sr_loop_new(&loop, &err) < 0)
			_exit(1);
		uv_timer_init(sr_loop_uv(loop), &forgotten);
		sr_loop_free(loop);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}
#endif

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, set_up, free_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LOOP(jobs_run_once_in_order),
	    WITH_LOOP(a_queued_job_is_not_queued_again),
	    WITH_LOOP(hooks_follow_completions_and_come_before_poll),
	    WITH_LOOP(forgotten_jobs_do_not_run),
	    WITH_LOOP(run_goes_on_until_stop),
	    WITH_LOOP(waiting_is_not_counted_as_busy),
	    WITH_LOOP(the_turn_that_runs_counts_so_far),
	    WITH_LOOP(run_while_ends_with_its_condition),
	    WITH_LOOP(run_while_ends_at_its_deadline),
	    WITH_LOOP(endless_jobs_do_not_starve_others),
	    WITH_LOOP(an_endless_hook_does_not_starve_descriptors),
#ifndef NDEBUG
	    cmocka_unit_test(free_with_an_open_handle_aborts),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
