/* The crew: every project of a run on its thread, each with a Lua state of its own that has loaded the
 * scenario's script. The conductor opens the crew, runs phases one after the other, and closes it.
 *
 * One op at a time: open → phase… → close. All calls are for the conductor's loop's thread. */
#ifndef SCALERUN_HOST_CREW_H
#define SCALERUN_HOST_CREW_H

#include "scalerun/base/error.h"
#include "scalerun/base/metrics.h"
#include "scalerun/binding/state.h"
#include "scalerun/engine/history.h"
#include "scalerun/host/executor.h"
#include "scalerun/loop/op.h"

#include <stddef.h>
#include <stdint.h>

struct sr_crew;

struct sr_crew_project {
	const char *id;
	const char *info; /* the argument of worker.open: bytes of plain data (binding/copy.h) */
	size_t info_len;
};

struct sr_crew_options {
	struct sr_loop *loop; /* the conductor's */
	const struct sr_crew_project *projects;
	int count;
	int threads;   /* at most so many; projects share threads beyond */
	uint64_t seed; /* each project's own seed is derived from this and its id */
	const char *lua_path;
};

/* Makes the threads; they wait. options are copied. */
int sr_crew_new(struct sr_crew **crew, const struct sr_crew_options *options, struct sr_error *err);

/* After sr_crew_close's op is done; otherwise it closes the crew first and waits for the threads. */
void sr_crew_free(struct sr_crew *crew);

/* Each of these returns an op that has begun, or NULL with *err filled. */

/* Done when every project has loaded the script; see sr_crew_result for each one's answer. */
struct sr_op *sr_crew_open(struct sr_crew *crew, struct sr_error *err);

struct sr_phase {
	struct sr_load load;
	const char *argument; /* of worker.begin, bytes of plain data */
	size_t argument_len;
	const bool *chosen; /* which of the projects run it, one for each; NULL: all */
};

/* Done when every chosen project has ended its load. Results and metrics are kept per project until the next
 * phase or the end. */
struct sr_op *sr_crew_phase(struct sr_crew *crew, const struct sr_phase *phase, struct sr_error *err);

/* Done when all threads have ended. Tasks that still run are cancelled. */
struct sr_op *sr_crew_close(struct sr_crew *crew, struct sr_error *err);

/* No new iterations from now on; the phase ends when those under way have. */
void sr_crew_stop(struct sr_crew *crew);

/* Ends the iterations under way as well: each wait raises an error of kind "cancel"; after 5 s tasks
 * that are still there are ended without asking. */
void sr_crew_cancel(struct sr_crew *crew);

struct sr_counts {
	int64_t iterations, failed; /* ended, and how many of them badly; without the warm-up */
	int64_t late, dropped;      /* started later than max_late; never started */
	int64_t warmup_iterations, warmup_failed;
	int64_t total; /* how many it is to run, the warm-up included; -1: not known */
	bool done;     /* its part of the phase is over */
};

/* How hard the generator itself had to work in a project's part of a phase; times in ns. What projects that
 * share a thread used of it counts for each. */
struct sr_strain {
	int64_t loop_longest; /* turn of the loop, outside of its waiting */
	int64_t loop_busy;
	int64_t cpu; /* of the thread */
	struct sr_pauses gc;
};

struct sr_crew_result {
	const char *id;
	int status; /* 0, or what kept the project from answering */
	const struct sr_error *err;
	const char *answer; /* bytes that worker.open or worker.collect returned; NULL when status < 0 */
	size_t answer_len;
	int64_t started, ended; /* of the phase, sr_now() time; 0 when it did not start */
	struct sr_counts counts;
	struct sr_strain strain;
};

/* Whether the latest phase, or none yet, was the project's too. */
bool sr_crew_chosen(const struct sr_crew *crew, int project);

int sr_crew_count(const struct sr_crew *crew);

/* The latest op's result of a project. Valid until the next op. While a phase runs only id and counts
 * mean something. */
void sr_crew_result(const struct sr_crew *crew, int project, struct sr_crew_result *result);

/* Adds what the project has measured so far in the phase that runs; nothing when none does. */
int sr_crew_merge_live(const struct sr_crew *crew, int project, struct sr_metrics *into);

/* Takes what the project measured, and what it did, in the latest phase; the caller frees it. NULL when it was taken.
 */
struct sr_metrics *sr_crew_take_metrics(struct sr_crew *crew, int project);
struct sr_history *sr_crew_take_history(struct sr_crew *crew, int project);

#endif
