/* The pending tasks of a project in Redis: queue:{project}, a sorted set of task ids by their time of
 * creation. PostgreSQL is the truth: a queue that is missing, has run empty or begins with entries that
 * are not pending there is built from it, and a queue lives no longer than the cache. Any thread. */
#ifndef TARGET_MCP_QUEUE_H
#define TARGET_MCP_QUEUE_H

#include "scalerun/base/error.h"

#include <libpq-fe.h>

struct sr_app;

/* The columns that _push reads: a task's id and its place in the queue. */
#define SR_QUEUE_COLUMNS "task_id, (extract(epoch FROM created_at) * 1000000)::bigint"

/* Tasks have been added (rows of SR_QUEUE_COLUMNS), or one is no longer pending. Without Redis nothing
 * happens: the queue is put right when it is built again. */
void sr_queue_push(struct sr_app *app, const char *project, const PGresult *rows);
void sr_queue_remove(struct sr_app *app, const char *project, const char *task_id);

/* The task that is next: *row is a result of SR_TASK_COLUMNS with one row or none, the caller's to clear.
 * What sr_db_run returns. */
int sr_queue_next(struct sr_app *app, const char *project, PGresult **row, struct sr_error *err);

#endif
