/* What crew.c, crew_make.c (the conductor's side), project.c and project_users.c (the project's thread) share.
 *
 * The two sides speak through jobs in each other's mailbox; fields are handed over with them: a field
 * is written by one side before it posts and read by the other after it received. */
#ifndef SR_CREW_PRIVATE_H
#define SR_CREW_PRIVATE_H

#include "scalerun/base/buf.h"
#include "scalerun/binding/script.h"
#include "scalerun/host/crew.h"
#include "scalerun/loop/mailbox.h"
#include "scalerun/loop/timer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct worker {
	pthread_t thread;
	struct sr_loop *loop;
	struct sr_crew *crew;
	struct project *projects; /* chained by next_here */
	struct sr_job quit, gone; /* to the worker; from it, as its last act */
	bool running;             /* thread made and not joined; the conductor's */
	bool quitting;            /* told to; the conductor's */
	int index;
};

enum command { COMMAND_OPEN, COMMAND_BEGIN, COMMAND_GO };

/* A user's place; the project's thread only. */
struct seat {
	struct sr_user user;
	int64_t not_before; /* pacing and thinking: its next iteration, sr_now() time */
	bool waited;        /* for not_before */
	int64_t arrival;    /* the one that it was woken for, or 0 */
	struct seat *next_idle;
};

struct counters {
	_Atomic int64_t iterations, failed, late, dropped, warmup_iterations, warmup_failed;
	atomic_bool done;
};

struct project {
	struct sr_crew *crew;
	struct worker *worker;
	struct project *next_here;
	char *id;
	struct sr_buf info;
	uint64_t seed;
	bool chosen; /* for the latest phase; the conductor's */
	int place;   /* among those chosen, from 0; handed over with the order */
	/* conductor → project */
	enum command command;
	struct sr_job order, stop, cancel;
	atomic_bool stop_sent, cancel_sent;
	/* project → conductor */
	struct sr_job report;
	int status;
	struct sr_error err;
	struct sr_buf answer;
	struct sr_metrics *metrics;
	struct sr_history *history;
	int64_t started, ended;
	struct sr_strain strain;
	struct counters counters;
	struct sr_metrics *_Atomic live; /* of the phase that runs; only the conductor ever frees it */
	/* the project's thread only */
	struct sr_state *state;
	struct sr_schedule schedule;
	struct sr_source source;
	struct sr_timer start_timer, kill_timer;
	int series, lateness; /* of iterations */
	bool released;        /* the phase has started */
	bool stopped;         /* no more iterations */
	struct seat *seats;
	int seat_count;
	int users_left;
	/* open models: arrivals from waiting on, and before coming, wait for a user */
	struct sr_timer arrival_timer;
	int64_t waiting, coming;
	struct seat *idle, **idle_end; /* users that wait for an arrival, in the order in which they came */
};

struct sr_crew {
	struct sr_loop *loop;
	char *lua_path;
	struct worker *workers;
	int worker_count;
	struct project *projects;
	int project_count;
	struct sr_op *op; /* under way, or NULL */
	int awaited;      /* reports still to come */
	bool failed;      /* one of the reports said so */
	/* of the phase, read by the projects' threads */
	struct sr_load load;
	struct sr_buf argument;
	int64_t go_at;
	int parties;            /* projects that were chosen for it */
	_Atomic int64_t shared; /* iterations that all projects together have handed out */
};

/* The project's side. */
void project_init_jobs(struct project *project);
void project_close(struct project *project); /* frees its state; may run the loop */

/* Users. They are made, and wait, before the phase starts; users_ended is called once, when the last has
 * ended (never inside these calls, except where there is none). */
int users_prepare(struct project *project, struct sr_error *err);
void users_release(struct project *project);
void users_stop(struct project *project); /* no new iterations; those that wait end */
void users_free(struct project *project); /* after the state is gone */
void users_init(struct project *project);
void users_ended(struct project *project);

/* The conductor's side: what a project's report brings about. */
void crew_on_report(void *arg);

/* Ends the op that is under way. */
void crew_finish_op(struct sr_crew *crew, int status);

/* Tells every worker that its work is done; no one waits here. */
void crew_quit_all(struct sr_crew *crew);

#endif
