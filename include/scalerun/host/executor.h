/* Executors: the shapes of load. Each is a table of functions in a file of its own; executor.c has the
 * list. An executor decides, project by project, which iteration a user runs next and when.
 *
 * Thread: a schedule belongs to its project's thread; what projects share is atomic. */
#ifndef SCALERUN_HOST_EXECUTOR_H
#define SCALERUN_HOST_EXECUTOR_H

#include "scalerun/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct sr_executor;

/* What a scenario asks for. 0 means not given. */
struct sr_load {
	const struct sr_executor *executor;
	int users;          /* concurrent tasks in each project */
	int64_t iterations; /* what it counts is the executor's to say */
	int64_t duration;   /* ns */
	bool together;      /* all projects start at one instant */
};

/* One project's progress through the load. */
struct sr_schedule {
	const struct sr_load *load;
	int64_t start;  /* sr_now() time at which the project began */
	int64_t handed; /* iterations handed out so far */
	bool stopped;   /* hand out no more */
};

struct sr_executor {
	const char *name; /* as scripts write it */
	/* Refuses a load that lacks a key or has one too many: 0 or -SR_EINVAL. */
	int (*check)(const struct sr_load *load, struct sr_error *err);
	/* The next iteration's number (from 1) and the instant at which it is due, or 0: no more. The
	 * caller has looked at `stopped`. */
	int64_t (*next)(struct sr_schedule *schedule, int user, int64_t *scheduled);
};

/* NULL when there is none of that name; sr_executor_at lists them, NULL after the last. */
const struct sr_executor *sr_executor_find(const char *name);
const struct sr_executor *sr_executor_at(int index);

#endif
