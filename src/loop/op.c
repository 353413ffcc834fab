#include "scalerun/loop/op.h"

#include "loop_private.h"
#include "scalerun/base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void complete(void *arg)
{
	struct sr_op *op = arg;

	op->state = SR_OP_DONE;
	if (op->done)
		op->done(op, op->status, op->arg);
}

/* op->err says why. */
static void end_early(struct sr_op *op, int code)
{
	op->cancelling = true;
	if (op->cls->cancel)
		op->cls->cancel(op, code);
	else
		sr_op_finish(op, -code);
}

static void format_span(int64_t span, char *out, size_t size)
{
	if (span >= SR_S)
		snprintf(out, size, "%.6g s", (double)span / SR_S);
	else if (span >= SR_MS)
		snprintf(out, size, "%.6g ms", (double)span / SR_MS);
	else
		snprintf(out, size, "%.6g us", (double)span / SR_US);
}

static void passed_deadline(struct sr_timer *timer, void *arg)
{
	struct sr_op *op = arg;
	char span[32];

	if (op->cancelling)
		return;
	format_span(timer->due - op->started, span, sizeof span);
	sr_fail(&op->err, SR_ETIMEOUT, op->cls->name, "timed out after %s", span);
	end_early(op, SR_ETIMEOUT);
}

/* Field by field: the error's text alone is larger than all the rest and need not be cleared. */
void sr_op_init(struct sr_op *op, struct sr_loop *loop, const struct sr_op_class *cls)
{
	op->cls = cls;
	op->loop = loop;
	op->done = NULL;
	op->arg = NULL;
	sr_timer_init(&op->timer, loop, passed_deadline, op);
	op->job = (struct sr_job){.fn = complete, .arg = op};
	op->started = op->ended = 0;
	op->status = 0;
	op->err.code = 0;
	op->err.op[0] = op->err.detail[0] = op->err.text[0] = '\0';
	op->state = SR_OP_IDLE;
	op->cancelling = false;
}

/* No op waits without its deadline: one that cannot have it is ended, though not inside its start. */
static void no_deadline(void *arg)
{
	struct sr_op *op = arg;

	if (op->cancelling)
		return;
	sr_fail(&op->err, SR_ECANCEL, op->cls->name, "cancelled: no memory for its deadline");
	end_early(op, SR_ECANCEL);
}

void sr_op_begin(struct sr_op *op, int64_t timeout)
{
	assert(op->state == SR_OP_IDLE);
	op->state = SR_OP_RUNNING;
	op->started = sr_now();
	op->loop->pending++;
	if (timeout == SR_NEVER || timeout > SR_NEVER - op->started)
		return;
	if (sr_timer_start(&op->timer, op->started + timeout) < 0) {
		op->job.fn = no_deadline;
		sr_loop_defer(op->loop, &op->job);
	}
}

void sr_op_finish(struct sr_op *op, int status)
{
	if (op->state != SR_OP_RUNNING)
		return;
	op->state = SR_OP_FINISHED;
	op->ended = sr_now();
	op->status = status;
	op->loop->pending--;
	sr_timer_stop(&op->timer);
	op->job.fn = complete;
	sr_loop_defer(op->loop, &op->job); /* no effect where no_deadline is still queued: its place serves */
}

void sr_op_fail(struct sr_op *op, int code, const char *fmt, ...)
{
	va_list ap;

	if (op->state != SR_OP_RUNNING)
		return;
	va_start(ap, fmt);
	sr_vfail(&op->err, code, op->cls->name, fmt, ap);
	va_end(ap);
	sr_op_finish(op, -code);
}

void sr_op_cancel(struct sr_op *op)
{
	if (op->state != SR_OP_RUNNING || op->cancelling)
		return;
	sr_fail(&op->err, SR_ECANCEL, op->cls->name, "cancelled");
	end_early(op, SR_ECANCEL);
}

void sr_op_free(struct sr_op *op)
{
	if (!op)
		return;
	assert(op->state == SR_OP_IDLE || op->state == SR_OP_DONE);
	if (op->cls->free)
		op->cls->free(op);
}

static void free_sleep(struct sr_op *op)
{
	free(op);
}

static const struct sr_op_class sleep_class = {.name = "time.sleep", .free = free_sleep};

static void woke_up(struct sr_timer *timer, void *arg)
{
	(void)timer;
	sr_op_finish(arg, 0);
}

struct sr_op *sr_sleep_new(struct sr_loop *loop)
{
	struct sr_op *op = malloc(sizeof *op);

	if (op)
		sr_op_init(op, loop, &sleep_class);
	return op;
}

void sr_sleep_start(struct sr_op *op, int64_t due, int64_t spin)
{
	sr_op_begin(op, SR_NEVER);
	op->timer.fn = woke_up;
	op->timer.spin = spin;
	if (sr_timer_start(&op->timer, due) < 0)
		sr_op_fail(op, SR_ENOMEM, "out of memory for one more timer");
}
