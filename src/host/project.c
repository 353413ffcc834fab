/* One project on its thread: takes orders from the conductor, runs its users, reports. */
#include "crew_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/base/log.h"
#include "scalerun/binding/history.h"
#include "scalerun/binding/task.h"

#include <string.h>

/* How long cancelled tasks may take for their own clean-up. */
#define CANCEL_GRACE (5 * SR_S)

static void report(struct project *project, int status, const struct sr_error *err)
{
	project->status = status;
	if (status < 0)
		project->err = *err;
	if (sr_mailbox_post(project->crew->loop, &project->report))
		sr_log(SR_LOG_ERROR, "project %s: the conductor is gone", project->id);
}

static void on_answer(void *arg, int status, const struct sr_error *err)
{
	report(arg, status, err);
}

/* Calls a function of the worker module whose answer is the report. */
static void call_and_report(struct project *project, const char *function, const char *argument, size_t len)
{
	struct sr_error err;
	int rc;

	sr_buf_clear(&project->answer);
	rc = sr_script_call(project->state, function, argument, len, &project->answer, on_answer, project, &err);
	if (rc)
		report(project, rc, &err);
}

static void open_project(struct project *project)
{
	struct sr_state_options options = {
	    .loop = project->worker->loop,
	    .name = project->id,
	    .lua_path = project->crew->lua_path,
	    .seed = project->seed,
	};
	struct sr_error err;
	int rc = sr_state_new(&project->state, &options, &err);

	if (rc)
		report(project, rc, &err);
	else
		call_and_report(project, "open", project->info.data, project->info.len);
}

/* The script is ready for the phase: its users come and wait for the start. */
static void on_begun(void *arg, int status, const struct sr_error *err)
{
	struct project *project = arg;
	struct sr_error own;
	int rc = status;

	if (!rc) {
		err = &own;
		rc = users_prepare(project, &own);
	}
	report(project, rc, err);
}

static void begin_phase(struct project *project)
{
	struct sr_crew *crew = project->crew;
	struct counters *counters = &project->counters;
	struct sr_error err;
	int rc;

	project->schedule = (struct sr_schedule){
	    .load = &crew->load,
	    .place = project->place,
	    .parties = crew->parties,
	    .shared = &crew->shared,
	};
	project->released = project->stopped = false;
	project->started = project->ended = 0;
	project->strain = (struct sr_strain){0};
	atomic_store(&counters->iterations, 0);
	atomic_store(&counters->failed, 0);
	atomic_store(&counters->late, 0);
	atomic_store(&counters->dropped, 0);
	atomic_store(&counters->warmup_iterations, 0);
	atomic_store(&counters->warmup_failed, 0);
	atomic_store(&counters->done, false);
	sr_buf_clear(&project->answer);
	rc = sr_script_call(project->state, "begin", crew->argument.data, crew->argument.len, &project->answer,
			    on_begun, project, &err);
	if (rc)
		report(project, rc, &err);
}

/* What the thread and the state have used so far: a phase's part is the difference. */
static void read_strain(struct project *project, struct sr_strain *strain)
{
	struct sr_loop_stats stats;

	sr_loop_stats(project->worker->loop, &stats);
	strain->loop_longest = stats.longest;
	strain->loop_busy = stats.busy;
	strain->cpu = sr_thread_cpu();
}

static void start_phase(struct sr_timer *timer, void *arg)
{
	struct project *project = arg;
	struct sr_metrics *metrics = sr_state_metrics(project->state);
	struct sr_pauses before;

	(void)timer;
	sr_state_take_pauses(project->state, &before);
	sr_loop_take_longest(project->worker->loop);
	read_strain(project, &project->strain);
	project->series = sr_metrics_series(metrics, "iteration");
	project->lateness = sr_metrics_series(metrics, "lateness");
	atomic_store(&project->live, metrics);
	project->schedule.start = project->crew->go_at;
	project->started = sr_now();
	users_release(project);
}

static void measure_strain(struct project *project)
{
	struct sr_strain before = project->strain, *strain = &project->strain;

	read_strain(project, strain);
	strain->loop_busy -= before.loop_busy;
	strain->cpu -= before.cpu;
	sr_state_take_pauses(project->state, &strain->gc);
}

void users_ended(struct project *project)
{
	struct sr_metrics *fresh = sr_metrics_new();
	struct sr_history *history = sr_history_new(sr_history_memory());

	project->ended = sr_now();
	measure_strain(project);
	sr_timer_stop(&project->kill_timer);
	atomic_store(&project->live, NULL);
	atomic_store(&project->counters.done, true);
	if (fresh)
		project->metrics = sr_state_take_metrics(project->state, fresh);
	if (history)
		project->history = sr_state_take_history(project->state, history);
	call_and_report(project, "collect", NULL, 0);
}

static void on_order(void *arg)
{
	struct project *project = arg;

	switch (project->command) {
	case COMMAND_OPEN:
		open_project(project);
		break;
	case COMMAND_BEGIN:
		begin_phase(project);
		break;
	case COMMAND_GO:
		sr_timer_start(&project->start_timer, project->crew->go_at);
		break;
	}
}

static void on_stop(void *arg)
{
	struct project *project = arg;

	atomic_store(&project->stop_sent, false);
	users_stop(project);
}

static void kill_tasks(struct sr_timer *timer, void *arg)
{
	struct project *project = arg;

	(void)timer;
	sr_log(SR_LOG_WARN, "project %s: tasks did not end within 5 s of being cancelled and are ended now",
	       project->id);
	sr_task_kill_all(project->state);
}

static void on_cancel(void *arg)
{
	struct project *project = arg;

	atomic_store(&project->cancel_sent, false);
	users_stop(project);
	if (!project->state)
		return;
	sr_task_cancel_all(project->state);
	if (sr_task_count(project->state))
		sr_timer_start(&project->kill_timer, sr_now() + CANCEL_GRACE);
}

void project_init_jobs(struct project *project)
{
	project->order = (struct sr_job){.fn = on_order, .arg = project};
	project->stop = (struct sr_job){.fn = on_stop, .arg = project};
	project->cancel = (struct sr_job){.fn = on_cancel, .arg = project};
	project->report = (struct sr_job){.fn = crew_on_report, .arg = project};
	users_init(project);
	sr_timer_init(&project->start_timer, project->worker->loop, start_phase, project);
	sr_timer_init(&project->kill_timer, project->worker->loop, kill_tasks, project);
}

void project_close(struct project *project)
{
	users_stop(project);
	sr_timer_stop(&project->start_timer);
	sr_timer_stop(&project->kill_timer);
	sr_state_free(project->state);
	project->state = NULL;
}
