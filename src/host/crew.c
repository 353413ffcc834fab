/* The conductor's side of a crew: phases and their ends. */
#include "scalerun/host/crew.h"
#include "crew_private.h"
#include "scalerun/base/clock.h"

#include <stdlib.h>

#define OP "crew"

/* Time for the start order to reach every thread before the common instant. */
#define START_MARGIN (2 * SR_MS)

struct crew_op {
	struct sr_op op;
	struct sr_crew *crew;
};

static void crew_op_cancel(struct sr_op *op, int code)
{
	(void)code; /* the op ends when the projects have: they are told to hurry */
	sr_crew_cancel(((struct crew_op *)op)->crew);
}

static void crew_op_free(struct sr_op *op)
{
	free(op);
}

static const struct sr_op_class crew_op_class = {.name = "crew", .cancel = crew_op_cancel, .free = crew_op_free};

static struct sr_op *begin_op(struct sr_crew *crew, int awaited, struct sr_error *err)
{
	struct crew_op *op;

	if (crew->op) {
		sr_fail(err, SR_ESTATE, OP, "the projects are busy with another phase");
		return NULL;
	}
	op = malloc(sizeof(*op));
	if (!op) {
		sr_fail(err, SR_ENOMEM, OP, "out of memory");
		return NULL;
	}
	sr_op_init(&op->op, crew->loop, &crew_op_class);
	op->crew = crew;
	crew->op = &op->op;
	crew->awaited = awaited;
	crew->failed = false;
	sr_op_begin(&op->op, SR_NEVER);
	return &op->op;
}

void crew_finish_op(struct sr_crew *crew, int status)
{
	struct sr_op *op = crew->op;

	crew->op = NULL;
	sr_op_finish(op, status);
}

static void choose(struct sr_crew *crew, const bool *chosen)
{
	crew->parties = 0;
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		project->chosen = !chosen || chosen[i];
		project->place = crew->parties;
		crew->parties += project->chosen;
	}
}

/* All that were chosen. */
static void order_all(struct sr_crew *crew, enum command command)
{
	crew->awaited = crew->parties;
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		if (!project->chosen)
			continue;
		project->command = command;
		sr_mailbox_post(project->worker->loop, &project->order);
	}
}

void crew_on_report(void *arg)
{
	struct project *project = arg;
	struct sr_crew *crew = project->crew;

	if (project->status < 0)
		crew->failed = true;
	if (--crew->awaited > 0)
		return;
	if (project->command == COMMAND_BEGIN && !crew->failed) {
		crew->go_at = sr_now() + (crew->load.together ? START_MARGIN : 0);
		order_all(crew, COMMAND_GO);
		return;
	}
	crew_finish_op(crew, 0);
}

struct sr_op *sr_crew_open(struct sr_crew *crew, struct sr_error *err)
{
	struct sr_op *op = begin_op(crew, crew->project_count, err);

	if (!op)
		return NULL;
	choose(crew, NULL);
	order_all(crew, COMMAND_OPEN);
	return op;
}

struct sr_op *sr_crew_phase(struct sr_crew *crew, const struct sr_phase *phase, struct sr_error *err)
{
	struct sr_op *op = begin_op(crew, crew->project_count, err);

	if (!op)
		return NULL;
	crew->load = phase->load;
	atomic_store(&crew->shared, 0);
	choose(crew, phase->chosen);
	sr_buf_clear(&crew->argument);
	if (sr_buf_append(&crew->argument, phase->argument, phase->argument_len)) {
		crew->op = NULL;
		sr_op_fail(op, SR_ENOMEM, "out of memory");
		return op;
	}
	for (int i = 0; i < crew->project_count; i++) {
		sr_metrics_free(sr_crew_take_metrics(crew, i));
		sr_history_free(sr_crew_take_history(crew, i));
	}
	order_all(crew, COMMAND_BEGIN);
	return op;
}

struct sr_op *sr_crew_close(struct sr_crew *crew, struct sr_error *err)
{
	struct sr_op *op;
	int running = 0;

	for (int i = 0; i < crew->worker_count; i++)
		running += crew->workers[i].running;
	op = begin_op(crew, running, err);
	if (!op)
		return NULL;
	crew_quit_all(crew);
	if (running == 0)
		crew_finish_op(crew, 0);
	return op;
}

void sr_crew_stop(struct sr_crew *crew)
{
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		if (!atomic_exchange(&project->stop_sent, true))
			sr_mailbox_post(project->worker->loop, &project->stop);
	}
}

void sr_crew_cancel(struct sr_crew *crew)
{
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		if (!atomic_exchange(&project->cancel_sent, true))
			sr_mailbox_post(project->worker->loop, &project->cancel);
	}
}

int sr_crew_count(const struct sr_crew *crew)
{
	return crew->project_count;
}

bool sr_crew_chosen(const struct sr_crew *crew, int index)
{
	return crew->projects[index].chosen;
}

static int64_t look(const _Atomic int64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void read_counts(const struct project *project, struct sr_counts *counts)
{
	const struct counters *counters = &project->counters;
	const struct sr_crew *crew = project->crew;
	const struct sr_schedule schedule = {.load = &crew->load, .place = project->place, .parties = crew->parties};

	*counts = (struct sr_counts){
	    .iterations = look(&counters->iterations),
	    .failed = look(&counters->failed),
	    .late = look(&counters->late),
	    .dropped = look(&counters->dropped),
	    .warmup_iterations = look(&counters->warmup_iterations),
	    .warmup_failed = look(&counters->warmup_failed),
	    .total = crew->load.executor ? sr_schedule_total(&schedule) : -1,
	    .done = atomic_load(&counters->done),
	};
}

void sr_crew_result(const struct sr_crew *crew, int index, struct sr_crew_result *result)
{
	const struct project *project = &crew->projects[index];

	*result = (struct sr_crew_result){.id = project->id};
	read_counts(project, &result->counts);
	if (crew->op)
		return;
	result->status = project->status;
	result->err = &project->err;
	result->answer = project->status < 0 ? NULL : project->answer.data;
	result->answer_len = project->status < 0 ? 0 : project->answer.len;
	result->started = project->started;
	result->ended = project->ended;
	result->strain = project->strain;
}

int sr_crew_merge_live(const struct sr_crew *crew, int index, struct sr_metrics *into)
{
	const struct sr_metrics *live = atomic_load(&crew->projects[index].live);

	return live ? sr_metrics_merge(into, live) : 0;
}

struct sr_history *sr_crew_take_history(struct sr_crew *crew, int index)
{
	struct sr_history *history = crew->projects[index].history;

	crew->projects[index].history = NULL;
	return history;
}

struct sr_metrics *sr_crew_take_metrics(struct sr_crew *crew, int index)
{
	struct sr_metrics *metrics = crew->projects[index].metrics;

	crew->projects[index].metrics = NULL;
	return metrics;
}
