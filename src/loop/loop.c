#include "scalerun/loop/loop.h"

#include "loop_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/mailbox.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* So many completions and hooks run before descriptors get their turn again. */
#define JOBS_PER_TURN 4096

int sr_loop_new(struct sr_loop **out, struct sr_error *err)
{
	struct sr_loop *loop = calloc(1, sizeof *loop);
	int rc;

	*out = NULL;
	if (!loop)
		return sr_fail(err, SR_ENOMEM, "loop.new", "out of memory");
	rc = uv_loop_init(&loop->uv);
	if (rc < 0) {
		free(loop);
		return sr_fail(err, SR_EIO, "loop.new", "cannot create an event loop: %s", uv_strerror(rc));
	}
	uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);
	rc = sr_mailbox_init(loop, err);
	if (rc == 0) {
		rc = sr_timers_init(loop, err);
		if (rc < 0) {
			sr_mailbox_close_handle(loop);
			while (loop->open)
				uv_run(&loop->uv, UV_RUN_NOWAIT);
			sr_mailbox_deinit(loop);
		}
	}
	if (rc < 0) {
		uv_loop_close(&loop->uv);
		free(loop);
		return rc;
	}
	*out = loop;
	return 0;
}

void sr_handle_closed(uv_handle_t *handle)
{
	struct sr_loop *loop = handle->data;

	loop->open--;
}

/* Completions go first; a hook runs when none waits, so what a hook finishes is completed before the
 * next hook. When the turn's share is used up the hooks still run once, or a task that never waits
 * would keep the others' requests from being sent. */
static void settle(struct sr_loop *loop)
{
	unsigned budget = JOBS_PER_TURN;
	struct sr_job *job;

	while (budget > 0) {
		job = sr_queue_pop(&loop->jobs);
		if (!job)
			job = sr_queue_pop(&loop->hooks);
		if (!job)
			return;
		job->fn(job->arg);
		budget--;
	}
	for (unsigned hooks = loop->hooks.count; hooks > 0; hooks--) {
		job = sr_queue_pop(&loop->hooks);
		if (!job)
			return;
		job->fn(job->arg);
	}
}

/* How long the turn that began then has been at work, until now. */
static int64_t busy_since(struct sr_loop *loop, int64_t start, int64_t now)
{
	return now - start - ((int64_t)uv_metrics_idle_time(&loop->uv) - loop->idle);
}

/* Returns the time at its end, which is where the next turn starts. */
static int64_t turn(struct sr_loop *loop, bool nowait, int64_t start)
{
	int64_t end, busy;

	loop->began = start;
	if (sr_timers_arm(loop) || loop->jobs.head || loop->hooks.head)
		nowait = true;
	uv_run(&loop->uv, nowait ? UV_RUN_NOWAIT : UV_RUN_ONCE);
	sr_timers_fire(loop, sr_now());
	settle(loop);

	end = sr_now();
	busy = busy_since(loop, start, end);
	loop->idle = (int64_t)uv_metrics_idle_time(&loop->uv);
	loop->began = 0;
	loop->turns++;
	loop->busy += busy;
	if (busy > loop->longest)
		loop->longest = busy;
	return end;
}

/* The kernel may delay a thread's wake-ups by its timer slack, 50 us by default. */
static void set_timer_slack(void)
{
	static _Thread_local bool done;

	if (!done)
		prctl(PR_SET_TIMERSLACK, 1UL);
	done = true;
}

void sr_loop_run(struct sr_loop *loop)
{
	int64_t now = sr_now();

	assert(!loop->running);
	set_timer_slack();
	loop->running = true;
	do
		now = turn(loop, loop->stopping, now);
	while (!loop->stopping);
	loop->stopping = false;
	loop->running = false;
}

void sr_loop_stop(struct sr_loop *loop)
{
	loop->stopping = true;
}

static void wake_up(struct sr_timer *timer, void *arg)
{
	(void)timer;
	(void)arg;
}

int sr_loop_run_while(struct sr_loop *loop, bool (*pred)(void *arg), void *arg, int64_t deadline)
{
	struct sr_timer timer;
	int64_t now = sr_now();
	int rc = 0;

	assert(!loop->running);
	set_timer_slack();
	sr_timer_init(&timer, loop, wake_up, NULL);
	if (sr_timer_start(&timer, deadline) < 0)
		return -SR_ENOMEM;
	loop->running = true;
	while (pred(arg)) {
		if (now >= deadline) {
			rc = -SR_ETIMEOUT;
			break;
		}
		now = turn(loop, false, now);
	}
	loop->running = false;
	sr_timer_stop(&timer);
	return rc;
}

struct uv_loop_s *sr_loop_uv(struct sr_loop *loop)
{
	return &loop->uv;
}

void sr_loop_defer(struct sr_loop *loop, struct sr_job *job)
{
	if (!job->queued)
		sr_queue_push(&loop->jobs, job);
}

void sr_loop_at_turn_end(struct sr_loop *loop, struct sr_job *job)
{
	if (!job->queued)
		sr_queue_push(&loop->hooks, job);
}

static bool take_out(struct sr_queue *queue, struct sr_job *job)
{
	struct sr_job *before = NULL;

	for (struct sr_job *at = queue->head; at; before = at, at = at->next) {
		if (at != job)
			continue;
		if (before)
			before->next = job->next;
		else
			queue->head = job->next;
		if (queue->tail == job)
			queue->tail = before;
		queue->count--;
		job->next = NULL;
		job->queued = false;
		return true;
	}
	return false;
}

void sr_loop_forget(struct sr_loop *loop, struct sr_job *job)
{
	if (job->queued && !take_out(&loop->hooks, job))
		take_out(&loop->jobs, job);
}

void sr_loop_wake(struct sr_loop *loop)
{
	uv_async_send(&loop->mailbox.async);
}

void sr_loop_stats(struct sr_loop *loop, struct sr_loop_stats *stats)
{
	int64_t busy = loop->began ? busy_since(loop, loop->began, sr_now()) : 0;

	*stats = (struct sr_loop_stats){
	    .turns = loop->turns,
	    .busy = loop->busy + busy,
	    .longest = busy > loop->longest ? busy : loop->longest,
	    .pending = loop->pending,
	    .timers = (unsigned)sr_timers_armed(loop),
	};
}

int64_t sr_loop_take_longest(struct sr_loop *loop)
{
	int64_t longest = loop->longest;

	loop->longest = 0;
	return longest;
}

/* A handle that outlives its loop is a bug of the handle's owner: a debug build says whose. */
static void report_open(struct sr_loop *loop)
{
#ifndef NDEBUG
	fprintf(stderr,
		"sr_loop_free: still open: %u ops, %zu timers, %u jobs, %u turn-end hooks, and these handles:\n",
		loop->pending, sr_timers_armed(loop), loop->jobs.count, loop->hooks.count);
	uv_print_all_handles(&loop->uv, stderr);
	abort();
#else
	(void)loop;
#endif
}

void sr_loop_free(struct sr_loop *loop)
{
	bool clean;

	if (!loop)
		return;
	assert(!loop->running);
	sr_mailbox_close(loop);
	turn(loop, true, sr_now()); /* runs the mail that was accepted, and pending close callbacks */

	sr_mailbox_close_handle(loop);
	sr_timers_close(loop);
	while (loop->open)
		uv_run(&loop->uv, UV_RUN_NOWAIT);
	clean = uv_loop_close(&loop->uv) == 0;
	if (!clean || loop->pending || loop->jobs.head || loop->hooks.head || sr_timers_armed(loop))
		report_open(loop);
	sr_mailbox_deinit(loop);
	sr_timers_deinit(loop);
	if (clean) /* else a handle still points into it */
		free(loop);
}
