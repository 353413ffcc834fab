/* Many queries whose end is waited for as one. */
#include "internal.h"

#include <stdlib.h>

struct batch {
	struct sr_op op;
	unsigned count, running;
	int code; /* of the cancellation, 0: none */
	struct sr_op *ops[];
};

static void finish_when_done(struct batch *batch)
{
	if (batch->running == 0)
		sr_op_finish(&batch->op, -batch->code);
}

static void ended(struct sr_op *op, int status, void *arg)
{
	struct batch *batch = arg;

	(void)op;
	(void)status;
	batch->running--;
	finish_when_done(batch);
}

/* From the last: those that wait go before the connection can send them. */
static void cancel_batch(struct sr_op *base, int code)
{
	struct batch *batch = (struct batch *)base;

	batch->code = code;
	for (unsigned i = batch->count; i > 0; i--)
		sr_op_cancel(batch->ops[i - 1]);
	finish_when_done(batch);
}

static void free_batch(struct sr_op *base)
{
	struct batch *batch = (struct batch *)base;

	for (unsigned i = 0; i < batch->count; i++)
		sr_op_free(batch->ops[i]);
	free(batch);
}

static const struct sr_op_class batch_class = {
    .name = "pg.pipeline",
    .cancel = cancel_batch,
    .free = free_batch,
};

struct sr_op *sr_pg_batch_new(struct sr_pg *pg, struct sr_op *const *ops, unsigned count)
{
	struct batch *batch = malloc(sizeof *batch + count * sizeof *batch->ops);

	if (!batch)
		return NULL;
	sr_op_init(&batch->op, pg->loop, &batch_class);
	batch->count = count;
	batch->running = 0;
	batch->code = 0;
	for (unsigned i = 0; i < count; i++)
		batch->ops[i] = ops[i];
	return &batch->op;
}

void sr_pg_batch_start(struct sr_op *base, struct sr_pg_tx *tx, int64_t timeout)
{
	struct batch *batch = (struct batch *)base;

	sr_op_begin(base, timeout);
	batch->running = batch->count;
	for (unsigned i = 0; i < batch->count; i++) {
		batch->ops[i]->done = ended;
		batch->ops[i]->arg = batch;
		sr_pg_start(batch->ops[i], tx, SR_NEVER);
	}
	finish_when_done(batch);
}

unsigned sr_pg_batch_count(const struct sr_op *op)
{
	return ((const struct batch *)op)->count;
}

const struct sr_op *sr_pg_batch_get(const struct sr_op *op, unsigned index)
{
	return ((const struct batch *)op)->ops[index];
}
