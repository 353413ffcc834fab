/* A project's users: who runs which iteration when. */
#include "crew_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/base/log.h"

#include <stdlib.h>

static void count(_Atomic int64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

static bool in_warmup(const struct project *project, int64_t scheduled)
{
	return scheduled - project->schedule.start < project->schedule.load->warmup;
}

/* Closed models: the user's own pace says when, the executor whether. */
static enum sr_next next_of_closed(struct project *project, struct seat *seat, int64_t now,
				   struct sr_iteration *iteration, int64_t *until)
{
	struct sr_schedule *schedule = &project->schedule;
	const struct sr_executor *executor = schedule->load->executor;

	if (seat->not_before > now) {
		if (executor->over(schedule, seat->not_before))
			return SR_NEXT_END;
		*until = seat->not_before;
		seat->waited = true;
		return SR_NEXT_WAIT;
	}
	iteration->number = executor->take(schedule, now);
	if (!iteration->number)
		return SR_NEXT_END;
	iteration->scheduled = seat->waited ? seat->not_before : now;
	seat->waited = false;
	seat->not_before = now + schedule->load->pacing;
	return SR_NEXT_RUN;
}

/* When the arrival is due (sr_now() time); -1: there are fewer. */
static int64_t arrival_due(const struct project *project, int64_t number)
{
	int64_t due = sr_schedule_arrival(&project->schedule, number);

	return due < 0 ? -1 : project->schedule.start + due;
}

/* Drops arrivals that have waited for a user for longer than they may. */
static void drop_stale(struct project *project, int64_t now)
{
	for (; project->waiting < project->coming; project->waiting++) {
		int64_t due = arrival_due(project, project->waiting);

		if (now - due <= project->schedule.load->max_late)
			return;
		if (!in_warmup(project, due))
			count(&project->counters.dropped);
	}
}

static enum sr_next next_of_open(struct project *project, struct seat *seat, int64_t now,
				 struct sr_iteration *iteration, int64_t *until)
{
	int64_t number = seat->arrival;

	seat->arrival = 0;
	if (!number) {
		drop_stale(project, now);
		if (project->waiting < project->coming)
			number = project->waiting++;
		else if (arrival_due(project, project->coming) < 0)
			return SR_NEXT_END;
	}
	if (!number) {
		seat->next_idle = NULL;
		*project->idle_end = seat;
		project->idle_end = &seat->next_idle;
		*until = SR_NEVER;
		return SR_NEXT_WAIT;
	}
	iteration->number = number;
	iteration->scheduled = arrival_due(project, number);
	iteration->open = true;
	return SR_NEXT_RUN;
}

static enum sr_next next_iteration(void *arg, int user, int64_t think, struct sr_iteration *iteration, int64_t *until)
{
	struct project *project = arg;
	struct seat *seat = &project->seats[user - 1];
	int64_t now = sr_now();
	enum sr_next next;

	if (project->stopped)
		return SR_NEXT_END;
	if (!project->released) {
		*until = SR_NEVER;
		return SR_NEXT_WAIT;
	}
	if (think > 0 && now + think > seat->not_before)
		seat->not_before = now + think;
	if (project->schedule.load->executor->arrival)
		next = next_of_open(project, seat, now, iteration, until);
	else
		next = next_of_closed(project, seat, now, iteration, until);
	if (next == SR_NEXT_RUN)
		iteration->muted = in_warmup(project, iteration->scheduled);
	return next;
}

static struct seat *pop_idle(struct project *project)
{
	struct seat *seat = project->idle;

	if (!seat)
		return NULL;
	project->idle = seat->next_idle;
	if (!project->idle)
		project->idle_end = &project->idle;
	return seat;
}

/* Hands what has arrived to users that are free, in order, and waits for the next. */
static void on_arrival(struct sr_timer *timer, void *arg)
{
	struct project *project = arg;
	int64_t now = sr_now(), due;
	struct seat *seat;

	drop_stale(project, now);
	for (due = arrival_due(project, project->coming); due >= 0 && due <= now;
	     due = arrival_due(project, project->coming)) {
		int64_t number = project->coming++;

		seat = project->waiting == number ? pop_idle(project) : NULL;
		if (!seat)
			continue;
		project->waiting = project->coming;
		seat->arrival = number;
		sr_script_wake(&seat->user);
	}
	if (due >= 0) {
		sr_timer_start(timer, due);
		return;
	}
	while ((seat = pop_idle(project)))
		sr_script_wake(&seat->user);
}

static void iteration_ended(void *arg, int user, const struct sr_iteration *iteration, const char *failure)
{
	struct project *project = arg;
	struct counters *counters = &project->counters;
	struct sr_metrics *metrics = sr_state_metrics(project->state);
	int64_t latency = sr_now() - iteration->started;
	int64_t lateness = iteration->started - iteration->scheduled;

	(void)user;
	if (iteration->muted) {
		count(&counters->warmup_iterations);
		if (failure)
			count(&counters->warmup_failed);
		return;
	}
	count(&counters->iterations);
	if (failure)
		count(&counters->failed);
	if (lateness > project->schedule.load->max_late)
		count(&counters->late);
	sr_metrics_ok(metrics, project->lateness, lateness);
	sr_metrics_record(metrics, project->series, latency, iteration->open ? lateness : 0, failure);
}

static void user_ended(void *arg, int status, const struct sr_error *err)
{
	struct project *project = arg;

	if (status < 0 && status != -SR_ECANCEL && !project->stopped)
		sr_log(SR_LOG_ERROR, "project %s: a user ended early: %s", project->id, err->text);
	if (--project->users_left == 0)
		users_ended(project);
}

static void wake_all(struct project *project)
{
	for (int i = 0; i < project->seat_count; i++)
		sr_script_wake(&project->seats[i].user);
}

int users_prepare(struct project *project, struct sr_error *err)
{
	int users = project->schedule.load->users;

	users_free(project);
	project->waiting = project->coming = 1;
	project->idle = NULL;
	project->idle_end = &project->idle;
	project->seats = calloc((size_t)users, sizeof(*project->seats));
	if (!project->seats)
		return sr_fail(err, SR_ENOMEM, "users", "out of memory for %d users", users);
	project->users_left = 1; /* ours, so that the phase cannot end before it starts */
	while (project->seat_count < users) {
		struct seat *seat = &project->seats[project->seat_count];
		int rc = sr_script_user(project->state, &seat->user, project->seat_count + 1, &project->source,
					user_ended, project, err);

		if (rc) {
			users_stop(project);
			return rc;
		}
		project->seat_count++;
		project->users_left++;
	}
	return 0;
}

void users_release(struct project *project)
{
	project->released = true;
	for (int i = 0; i < project->seat_count; i++) {
		project->seats[i].not_before = project->schedule.start;
		project->seats[i].waited = true;
	}
	wake_all(project);
	if (project->schedule.load->executor->arrival)
		sr_timer_start(&project->arrival_timer, project->schedule.start);
	if (--project->users_left == 0)
		users_ended(project);
}

void users_stop(struct project *project)
{
	project->stopped = true;
	sr_timer_stop(&project->arrival_timer);
	wake_all(project);
}

void users_init(struct project *project)
{
	project->source = (struct sr_source){.next = next_iteration, .ended = iteration_ended, .arg = project};
	sr_timer_init(&project->arrival_timer, project->worker->loop, on_arrival, project);
}

void users_free(struct project *project)
{
	free(project->seats);
	project->seats = NULL;
	project->seat_count = 0;
}
