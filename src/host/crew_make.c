/* Making and freeing a crew: its projects and the threads that they run on. */
#include "crew_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/host/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP         "crew"
#define ANSWER_MAX ((size_t)1 << 30)

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
		crew_finish_op(crew, 0);
}

void crew_quit_all(struct sr_crew *crew)
{
	for (int i = 0; i < crew->worker_count; i++) {
		struct worker *worker = &crew->workers[i];

		if (worker->running && !worker->quitting)
			sr_mailbox_post(worker->loop, &worker->quit);
		worker->quitting = true;
	}
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
	crew_quit_all(crew);
	if (is_running(crew))
		sr_loop_run_while(crew->loop, is_running, crew, SR_NEVER);
	for (int i = 0; i < crew->project_count; i++) {
		struct project *project = &crew->projects[i];

		users_free(project);
		sr_metrics_free(project->metrics);
		sr_history_free(project->history);
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
