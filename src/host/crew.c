/* The conductor's side of a crew. */
#include "scalerun/host/crew.h"
#include "crew_private.h"
#include "scalerun/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP         "crew"
#define ANSWER_MAX ((size_t)1 << 30)

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

static void finish_op(struct sr_crew *crew, int status)
{
	struct sr_op *op = crew->op;

	crew->op = NULL;
	sr_op_finish(op, status);
}

static void order_all(struct sr_crew *crew, enum command command)
{
	crew->awaited = crew->project_count;
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

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
	finish_op(crew, 0);
}

struct sr_op *sr_crew_open(struct sr_crew *crew, struct sr_error *err)
{
	struct sr_op *op = begin_op(crew, crew->project_count, err);

	if (op)
		order_all(crew, COMMAND_OPEN);
	return op;
}

struct sr_op *sr_crew_phase(struct sr_crew *crew, const struct sr_phase *phase, struct sr_error *err)
{
	struct sr_op *op = begin_op(crew, crew->project_count, err);

	if (!op)
		return NULL;
	crew->load = phase->load;
	sr_buf_clear(&crew->argument);
	if (sr_buf_append(&crew->argument, phase->argument, phase->argument_len)) {
		crew->op = NULL;
		sr_op_fail(op, SR_ENOMEM, "out of memory");
		return op;
	}
	for (int i = 0; i < crew->project_count; i++)
		sr_metrics_free(sr_crew_take_metrics(crew, i));
	order_all(crew, COMMAND_BEGIN);
	return op;
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	char name[24];

	snprintf(name, sizeof(name), "project-%d", worker->index + 1);
	pthread_setname_np(pthread_self(), name);
	sr_loop_run(worker->loop);
	for (struct project *project = worker->projects; project; project = project->next_here)
		project_close(project);
	sr_mailbox_post(worker->crew->loop, &worker->gone);
	return NULL;
}

static void on_quit(void *arg)
{
	struct worker *worker = arg;

	sr_loop_stop(worker->loop);
}

static void join_worker(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	worker->running = false;
}

static void on_gone(void *arg)
{
	struct worker *worker = arg;
	struct sr_crew *crew = worker->crew;

	join_worker(worker);
	if (crew->op && --crew->awaited == 0)
		finish_op(crew, 0);
}

static void quit_all(struct sr_crew *crew)
{
	for (int i = 0; i < crew->worker_count; i++) {
		struct worker *worker = &crew->workers[i];

		if (worker->running && !worker->quitting)
			sr_mailbox_post(worker->loop, &worker->quit);
		worker->quitting = true;
	}
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
	quit_all(crew);
	if (running == 0)
		finish_op(crew, 0);
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

void sr_crew_result(const struct sr_crew *crew, int index, struct sr_crew_result *result)
{
	const struct project *project = &crew->projects[index];

	*result = (struct sr_crew_result){
	    .id = project->id,
	    .iterations = atomic_load_explicit(&project->iterations, memory_order_relaxed),
	    .failed = atomic_load_explicit(&project->failed, memory_order_relaxed),
	};
	if (crew->op)
		return;
	result->status = project->status;
	result->err = &project->err;
	result->answer = project->status < 0 ? NULL : project->answer.data;
	result->answer_len = project->status < 0 ? 0 : project->answer.len;
	result->started = project->started;
	result->ended = project->ended;
}

struct sr_metrics *sr_crew_take_metrics(struct sr_crew *crew, int index)
{
	struct sr_metrics *metrics = crew->projects[index].metrics;

	crew->projects[index].metrics = NULL;
	return metrics;
}

/* FNV-1a: a project's seed depends on its id and not on its place in the list. */
static uint64_t derive_seed(uint64_t seed, const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ seed;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return hash;
}

static int init_project(struct sr_crew *crew, int index, const struct sr_crew_project *given, uint64_t seed)
{
	struct project *project = &crew->projects[index];
	struct worker *worker = &crew->workers[index % crew->worker_count];

	project->crew = crew;
	project->worker = worker;
	project->next_here = worker->projects;
	worker->projects = project;
	project->seed = derive_seed(seed, given->id);
	sr_buf_init(&project->info, given->info_len);
	sr_buf_init(&project->answer, ANSWER_MAX);
	project_init_jobs(project);
	project->id = strdup(given->id);
	return project->id ? sr_buf_append(&project->info, given->info, given->info_len) : -SR_ENOMEM;
}

static int start_worker(struct sr_crew *crew, int index, struct sr_error *err)
{
	struct worker *worker = &crew->workers[index];
	int errnum;

	errnum = pthread_create(&worker->thread, NULL, worker_main, worker);
	if (errnum)
		return sr_fail_errno(err, SR_EIO, errnum, OP, "cannot start the thread of project %s",
				     worker->projects->id);
	worker->running = true;
	return 0;
}

static int make_worker(struct sr_crew *crew, int index, struct sr_error *err)
{
	struct worker *worker = &crew->workers[index];

	worker->crew = crew;
	worker->index = index;
	worker->quit = (struct sr_job){.fn = on_quit, .arg = worker};
	worker->gone = (struct sr_job){.fn = on_gone, .arg = worker};
	return sr_loop_new(&worker->loop, err);
}

int sr_crew_new(struct sr_crew **out, const struct sr_crew_options *options, struct sr_error *err)
{
	struct sr_crew *crew = calloc(1, sizeof(*crew));
	int workers = options->count < options->threads ? options->count : options->threads;
	int rc = 0;

	if (!crew)
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	crew->loop = options->loop;
	sr_buf_init(&crew->argument, ANSWER_MAX);
	crew->lua_path = options->lua_path ? strdup(options->lua_path) : NULL;
	crew->workers = calloc((size_t)workers, sizeof(*crew->workers));
	crew->projects = calloc((size_t)options->count, sizeof(*crew->projects));
	if (!crew->workers || !crew->projects || (options->lua_path && !crew->lua_path))
		rc = sr_fail(err, SR_ENOMEM, OP, "out of memory");
	while (!rc && crew->worker_count < workers) {
		rc = make_worker(crew, crew->worker_count, err);
		crew->worker_count += rc == 0;
	}
	while (!rc && crew->project_count < options->count) {
		if (init_project(crew, crew->project_count, &options->projects[crew->project_count], options->seed))
			rc = sr_fail(err, SR_ENOMEM, OP, "out of memory");
		crew->project_count++;
	}
	for (int i = 0; !rc && i < crew->worker_count; i++)
		rc = start_worker(crew, i, err);
	if (rc) {
		sr_crew_free(crew);
		return rc;
	}
	*out = crew;
	return 0;
}

static bool is_running(void *arg)
{
	struct sr_crew *crew = arg;

	for (int i = 0; i < crew->worker_count; i++)
		if (crew->workers[i].running)
			return true;
	return false;
}

void sr_crew_free(struct sr_crew *crew)
{
	quit_all(crew);
	if (is_running(crew))
		sr_loop_run_while(crew->loop, is_running, crew, SR_NEVER);
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		sr_metrics_free(project->metrics);
		sr_buf_deinit(&project->answer);
		sr_buf_deinit(&project->info);
		free(project->id);
	}
	for (int i = 0; i < crew->worker_count; i++)
		sr_loop_free(crew->workers[i].loop);
	sr_buf_deinit(&crew->argument);
	free(crew->projects);
	free(crew->workers);
	free(crew->lua_path);
	free(crew);
}
