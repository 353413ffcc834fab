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

static void begin_phase(struct project *project)
{
	project->schedule = (struct sr_schedule){.load = &project->crew->load};
	project->started = project->ended = 0;
	atomic_store_explicit(&project->iterations, 0, memory_order_relaxed);
	atomic_store_explicit(&project->failed, 0, memory_order_relaxed);
	call_and_report(project, "begin", project->crew->argument.data, project->crew->argument.len);
}

static int64_t next_iteration(void *arg, int user, int64_t *scheduled)
{
	struct project *project = arg;
	struct sr_schedule *schedule = &project->schedule;

	if (schedule->stopped)
		return 0;
	return schedule->load->executor->next(schedule, user, scheduled);
}

static void count(_Atomic int64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void iteration_ended(void *arg, int user, int64_t scheduled, int64_t started, const char *failure)
{
	struct project *project = arg;
	struct sr_metrics *metrics = sr_state_metrics(project->state);
	int64_t latency = sr_now() - started;

	(void)user;
	(void)scheduled;
	count(&project->iterations);
	if (failure) {
		count(&project->failed);
		sr_metrics_failed(metrics, project->series, latency, failure);
	} else {
		sr_metrics_ok(metrics, project->series, latency);
	}
}

static void finish_phase(struct project *project)
{
	struct sr_metrics *fresh = sr_metrics_new();
	struct sr_history *history = sr_history_new(sr_history_memory());

	project->ended = sr_now();
	sr_timer_stop(&project->kill_timer);
	if (fresh)
		project->metrics = sr_state_take_metrics(project->state, fresh);
	if (history)
		project->history = sr_state_take_history(project->state, history);
	call_and_report(project, "collect", NULL, 0);
}

static void user_ended(void *arg, int status, const struct sr_error *err)
{
	struct project *project = arg;

	if (status < 0 && status != -SR_ECANCEL && !project->schedule.stopped)
		sr_log(SR_LOG_ERROR, "project %s: a user ended early: %s", project->id, err->text);
	if (--project->users_left == 0)
		finish_phase(project);
}

static void start_users(struct sr_timer *timer, void *arg)
{
	struct project *project = arg;
	struct sr_error err;
	int users = project->schedule.load->users;

	(void)timer;
	project->series = sr_metrics_series(sr_state_metrics(project->state), "iteration");
	project->started = project->schedule.start = sr_now();
	project->users_left = 1; /* ours, so that the phase cannot end while we start */
	for (int user = 1; user <= users; user++) {
		if (sr_script_user(project->state, user, &project->source, user_ended, project, &err)) {
			sr_log(SR_LOG_ERROR, "project %s: cannot start user %d: %s", project->id, user, err.text);
			break;
		}
		project->users_left++;
	}
	if (--project->users_left == 0)
		finish_phase(project);
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
	project->schedule.stopped = true;
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
	project->schedule.stopped = true;
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
	project->source = (struct sr_source){.next = next_iteration, .ended = iteration_ended, .arg = project};
	sr_timer_init(&project->start_timer, project->worker->loop, start_users, project);
	sr_timer_init(&project->kill_timer, project->worker->loop, kill_tasks, project);
}

void project_close(struct project *project)
{
	project->schedule.stopped = true;
	sr_timer_stop(&project->start_timer);
	sr_timer_stop(&project->kill_timer);
	sr_state_free(project->state);
	project->state = NULL;
}
