/* Waiting for a child's end, and bringing it about. */
#include "private.h"

#include "scalerun/base/clock.h"

#include <signal.h>
#include <stdlib.h>

#define AFTER_KILL (5 * SR_S) /* SIGKILL needs this long at most, but for a process stuck in the kernel */

struct sr_process_wait {
	struct sr_op op;
	struct sr_process *process;
	struct sr_process_wait *next;
	bool drained;
	struct sr_timer kill_timer; /* stop only */
};

static void unlink_wait(struct sr_process_wait *wait)
{
	struct sr_process_wait **link = &wait->process->waits;
	while (*link && *link != wait)
		link = &(*link)->next;
	if (*link)
		*link = wait->next;
	sr_timer_stop(&wait->kill_timer);
}

/* 0: not yet; 1: done; negative: -SR_E…. */
static int verdict(const struct sr_process_wait *wait)
{
	const struct sr_process *process = wait->process;
	bool open = false;
	for (int i = 0; wait->drained && i < 2; i++) {
		open |= process->out[i].fd >= 0;
		if (process->out[i].fd >= 0 && sr_pipe_full(&process->out[i]))
			return -SR_ELIMIT;
	}
	return process->status.ended && !open;
}

void sr_process_settle(struct sr_process *process)
{
	struct sr_process_wait *next;
	for (struct sr_process_wait *wait = process->waits; wait; wait = next) {
		next = wait->next;
		int rc = verdict(wait);
		if (rc == 0)
			continue;
		unlink_wait(wait);
		if (rc < 0)
			sr_op_fail(&wait->op, -rc, "process %d wrote more than %zu bytes", (int)process->pid,
				   process->out[0].buf.max);
		else
			sr_op_finish(&wait->op, 0);
	}
}

static void cancel_wait(struct sr_op *op, int code)
{
	unlink_wait((struct sr_process_wait *)op);
	sr_op_finish(op, -code);
}

static void free_wait(struct sr_op *op)
{
	free(op);
}

static const struct sr_op_class wait_class = {.name = "process.wait", .cancel = cancel_wait, .free = free_wait};
static const struct sr_op_class stop_class = {.name = "process.stop", .cancel = cancel_wait, .free = free_wait};

static void on_grace_over(struct sr_timer *timer, void *arg)
{
	struct sr_process_wait *wait = arg;
	(void)timer;
	if (!wait->process->status.ended)
		kill(-wait->process->pid, SIGKILL);
}

static struct sr_op *new_wait(struct sr_process *process, const struct sr_op_class *cls)
{
	struct sr_process_wait *wait = calloc(1, sizeof(*wait));
	if (!wait)
		return NULL;
	sr_op_init(&wait->op, process->loop, cls);
	sr_timer_init(&wait->kill_timer, process->loop, on_grace_over, wait);
	wait->process = process;
	return &wait->op;
}

static void start_wait(struct sr_process_wait *wait, int64_t timeout)
{
	wait->next = wait->process->waits;
	wait->process->waits = wait;
	sr_op_begin(&wait->op, timeout);
	sr_process_settle(wait->process);
}

struct sr_op *sr_process_wait_new(struct sr_process *process)
{
	return new_wait(process, &wait_class);
}

void sr_process_wait_start(struct sr_op *op, bool drained, int64_t timeout)
{
	struct sr_process_wait *wait = (struct sr_process_wait *)op;
	wait->drained = drained;
	start_wait(wait, timeout);
}

struct sr_op *sr_process_stop_new(struct sr_process *process)
{
	return new_wait(process, &stop_class);
}

void sr_process_stop_start(struct sr_op *op, int64_t grace)
{
	struct sr_process_wait *wait = (struct sr_process_wait *)op;
	struct sr_process *process = wait->process;
	if (grace < 0)
		grace = process->grace;
	if (!process->status.ended) {
		kill(-process->pid, process->stop_signal);
		kill(-process->pid, SIGCONT); /* a stopped process sees no other signal */
		sr_timer_start(&wait->kill_timer, sr_now() + grace);
	}
	start_wait(wait, grace + AFTER_KILL);
}
