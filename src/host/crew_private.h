/* What crew.c, crew_make.c (the conductor's side) and project.c (the project's thread) share.
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

struct project {
	struct sr_crew *crew;
	struct worker *worker;
	struct project *next_here;
	char *id;
	struct sr_buf info;
	uint64_t seed;
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
	_Atomic int64_t iterations, failed;
	/* the project's thread only */
	struct sr_state *state;
	struct sr_schedule schedule;
	struct sr_source source;
	struct sr_timer start_timer, kill_timer;
	int series; /* of iterations */
	int users_left;
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
};

/* The project's side. */
void project_init_jobs(struct project *project);
void project_close(struct project *project); /* frees its state; may run the loop */

/* The conductor's side: what a project's report brings about. */
void crew_on_report(void *arg);

/* Ends the op that is under way. */
void crew_finish_op(struct sr_crew *crew, int status);

/* Tells every worker that its work is done; no one waits here. */
void crew_quit_all(struct sr_crew *crew);

#endif
