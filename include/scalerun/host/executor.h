/* Executors: the shapes of load. Each is a table of functions in a file of its own; executor.c has the
 * list. An executor decides, project by project, which iteration is run next and when.
 *
 * Closed models hand an iteration to a user that is free. Open models say when iterations arrive, whether
 * or not somebody is free.
 *
 * Thread: a schedule belongs to its project's thread; what projects share is atomic. */
#ifndef SCALERUN_HOST_EXECUTOR_H
#define SCALERUN_HOST_EXECUTOR_H

#include "scalerun/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SR_STAGES_MAX 64

struct sr_executor;

/* The rate goes from that of the stage before to this one in a straight line. */
struct sr_stage {
	int64_t duration; /* ns */
	double rate;      /* iterations per second, as that of the load, at its end */
};

/* What a scenario asks for. 0 means not given. Times in ns. */
struct sr_load {
	const struct sr_executor *executor;
	int users;          /* concurrent tasks in each project */
	int64_t iterations; /* what it counts is the executor's to say */
	double rate; /* iterations per second and project, or where shared of all; with stages: before the first */
	bool shared; /* open models: the projects share the arrivals of one schedule */
	struct sr_stage stages[SR_STAGES_MAX];
	int stage_count;
	int64_t duration;
	int64_t warmup;   /* iterations that start in this first part do not count */
	int64_t pacing;   /* iterations of one user start at least so far apart */
	int64_t max_late; /* an iteration that starts more than this after its schedule is late */
	bool together;    /* all projects start at one instant */
};

/* One project's progress through the load. Of a shared load's arrivals it gets every parties-th, the first being
 * number place + 1: all of them together are as evenly spaced as one project's would be. */
struct sr_schedule {
	const struct sr_load *load;
	int place;               /* among the projects that take part, from 0 */
	int parties;             /* how many take part, at least 1 */
	int64_t start;           /* sr_now() time at which the project begins */
	int64_t handed;          /* iterations handed out so far */
	_Atomic int64_t *shared; /* those of all projects of the phase together */
};

struct sr_executor {
	const char *name; /* as scripts write it */
	/* Refuses a load that lacks a key or has one of another model: 0 or -SR_EINVAL. For sr_load_check. */
	int (*check)(const struct sr_load *load, struct sr_error *err);
	/* How many iterations a project runs in all, of a shared load all projects together; -1 where nobody can
	 * know before. */
	int64_t (*total)(const struct sr_load *load);
	/* Closed models: the number (from 1) of an iteration that begins at an instant (sr_now() time), or 0:
	 * none begins any more. over says the latter beforehand. NULL in open models. */
	int64_t (*take)(struct sr_schedule *schedule, int64_t at);
	bool (*over)(const struct sr_schedule *schedule, int64_t at);
	/* Open models: when arrival `number` (from 1) of the load is due, in ns after the start; -1: there are
	 * fewer. Does not decrease with number. NULL in closed models. */
	int64_t (*arrival)(const struct sr_load *load, int64_t number);
};

/* NULL when there is none of that name; sr_executor_at lists them, NULL after the last. */
const struct sr_executor *sr_executor_find(const char *name);
const struct sr_executor *sr_executor_at(int index);

/* Refuses what the executor cannot run: 0 or -SR_EINVAL. */
int sr_load_check(const struct sr_load *load, struct sr_error *err);

/* Open models: when the project's own arrival `number` (from 1) is due, in ns after the start; -1: there are fewer. */
int64_t sr_schedule_arrival(const struct sr_schedule *schedule, int64_t number);

/* How many iterations the project runs in all, the warm-up included; -1 where nobody can know before. May be 0: a
 * shared load can have fewer arrivals than projects. */
int64_t sr_schedule_total(const struct sr_schedule *schedule);

#endif
