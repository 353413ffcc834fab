#include "mcp/queue.h"

#include "app.h"
#include "fault.h"
#include "task_row.h"

#include "scalerun/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_QUEUE_STALE  2 /* entries dropped in a row before the queue is built anew */
#define SR_QUEUE_BUILDS 3 /* before PostgreSQL is asked: tasks may keep being added meanwhile */
#define SR_QUEUE_NAME   128
#define SR_QUEUE_MEMBER 104

/* A queue is only added to when it is there: one entry alone would hide the older ones. The generation
 * counts what was added, so that a queue built from an older view is not put in place. */
static const char push_script[] = "redis.call('INCR', KEYS[2])\n"
				  "redis.call('PEXPIRE', KEYS[2], 86400000)\n"
				  "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end\n"
				  "for i = 1, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end\n"
				  "return 1\n";
static const char build_script[] = "if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end\n"
				   "redis.call('DEL', KEYS[1])\n"
				   "for i = 3, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end\n"
				   "redis.call('PEXPIRE', KEYS[1], ARGV[2])\n"
				   "return 1\n";

static const struct sr_statement pending_statement = {
    "queue_pending",
    "SELECT " SR_QUEUE_COLUMNS " FROM tasks "
    "WHERE project_id = $1 AND status = 'pending' "
    "ORDER BY created_at, task_id LIMIT 10000", /* one script's worth */
    1, false};
/* queue_foreign: those of others have scores behind all of the project's own */
static const struct sr_statement foreign_statement = {
    "queue_foreign",
    "SELECT task_id, (extract(epoch FROM created_at) * 1000000)::bigint + (project_id <> $1)::int * 1e15::bigint "
    "FROM tasks WHERE status = 'pending' ORDER BY 2, task_id LIMIT 10000",
    1, false};
static const struct sr_statement task_statement = {
    "queue_task", "SELECT " SR_TASK_COLUMNS " FROM tasks WHERE project_id = $1 AND task_id = $2 AND status = 'pending'",
    2, false};
static const struct sr_statement any_task_statement = {
    "queue_any_task",
    "SELECT " SR_TASK_COLUMNS " FROM tasks WHERE task_id = $2 AND status = 'pending' ORDER BY project_id = $1 LIMIT 1",
    2, false};
static const struct sr_statement oldest_statement = {"queue_oldest",
						     "SELECT " SR_TASK_COLUMNS " FROM tasks WHERE project_id = $1 "
						     "AND status = 'pending' ORDER BY created_at, task_id LIMIT 1",
						     1, false};

struct queue {
	struct sr_app *app;
	const char *project;
	char key[SR_QUEUE_NAME];
	char generation[SR_QUEUE_NAME + 16];
};

struct query {
	const struct sr_statement *statement;
	const char *values[2];
	PGresult *result;
};

static void init(struct queue *queue, struct sr_app *app, const char *project)
{
	queue->app = app;
	queue->project = project;
	snprintf(queue->key, sizeof(queue->key), "queue:%s", sr_fault_on(SR_FAULT_QUEUE_SHARED) ? "shared" : project);
	snprintf(queue->generation, sizeof(queue->generation), "%s:generation", queue->key);
}

static int run_query(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct query *query = arg;

	return sr_db_exec(conn, query->statement, query->values, &query->result, err);
}

static int ask(struct queue *queue, struct query *query, struct sr_error *err)
{
	query->values[0] = queue->project;
	return sr_db_run(queue->app->db, run_query, query, err);
}

/* Runs a script on the queue's two keys, with `extra` arguments and the rows. 1, 0, or -1 without Redis. */
static int run_script(struct queue *queue, const char *script, const char *const *extra, int extras,
		      const PGresult *rows)
{
	int count = PQntuples(rows);
	const char **argv = calloc((size_t)(5 + extras + 2 * count), sizeof(*argv));
	redisReply *reply;
	int argc = 0;
	int result = -1;

	if (!argv)
		return -1;
	argv[argc++] = "EVAL";
	argv[argc++] = script;
	argv[argc++] = "2";
	argv[argc++] = queue->key;
	argv[argc++] = queue->generation;
	for (int i = 0; i < extras; i++)
		argv[argc++] = extra[i];
	for (int i = 0; i < count; i++) {
		argv[argc++] = PQgetvalue(rows, i, 1);
		argv[argc++] = PQgetvalue(rows, i, 0);
	}
	if (sr_kv_command(queue->app->kv, argc, argv, &reply, NULL) == 0) {
		result = reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
		freeReplyObject(reply);
	}
	free(argv);
	return result;
}

void sr_queue_push(struct sr_app *app, const char *project, const PGresult *rows)
{
	struct queue queue;

	init(&queue, app, project);
	run_script(&queue, push_script, NULL, 0, rows);
}

static void drop(struct queue *queue, const char *task_id)
{
	const char *argv[] = {"ZREM", queue->key, task_id};
	redisReply *reply;

	if (sr_kv_command(queue->app->kv, 3, argv, &reply, NULL) == 0)
		freeReplyObject(reply);
}

void sr_queue_remove(struct sr_app *app, const char *project, const char *task_id)
{
	struct queue queue;

	init(&queue, app, project);
	drop(&queue, task_id);
}

/* A string reply, "" for none. False without Redis. */
static bool read_string(struct queue *queue, int argc, const char **argv, char *out, size_t size)
{
	const redisReply *text;
	redisReply *reply;

	if (sr_kv_command(queue->app->kv, argc, argv, &reply, NULL))
		return false;
	text = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0] : reply;
	snprintf(out, size, "%s", text->type == REDIS_REPLY_STRING ? text->str : "");
	freeReplyObject(reply);
	return true;
}

/* Builds the queue from PostgreSQL. Whether it is worth looking at again: it was built, or tasks were added
 * meanwhile; not when nothing is pending, Redis is gone, or the database failed (*rc). */
static bool build(struct queue *queue, int *rc, struct sr_error *err)
{
	struct query query = {.statement =
				  sr_fault_on(SR_FAULT_QUEUE_FOREIGN) ? &foreign_statement : &pending_statement};
	const char *get[] = {"GET", queue->generation};
	char generation[32], ttl[24];
	const char *extra[] = {generation, ttl};
	bool again;

	if (!read_string(queue, 2, get, generation, sizeof(generation)))
		return false;
	*rc = ask(queue, &query, err);
	if (*rc)
		return false;
	snprintf(ttl, sizeof(ttl), "%lld", (long long)(queue->app->options->cache_ttl / SR_MS));
	again = PQntuples(query.result) > 0 && run_script(queue, build_script, extra, 2, query.result) >= 0;
	PQclear(query.result);
	return again;
}

/* Looks the head up in PostgreSQL; *row stays NULL when it is not pending there. */
static int look_up(struct queue *queue, const char *task_id, PGresult **row, struct sr_error *err)
{
	struct query query = {.statement = sr_fault_on(SR_FAULT_QUEUE_SHARED) ? &any_task_statement : &task_statement,
			      .values = {NULL, task_id}};
	int rc = ask(queue, &query, err);

	if (!rc && PQntuples(query.result) > 0)
		*row = query.result;
	else if (!rc)
		PQclear(query.result);
	return rc;
}

/* The next task by way of the queue; *row stays NULL when the queue does not know. The number of statements
 * has a bound, whatever the queue holds. */
static int next_queued(struct queue *queue, PGresult **row, struct sr_error *err)
{
	const char *head[] = {"ZRANGE", queue->key, "0", "0"};
	char task_id[SR_QUEUE_MEMBER];
	int stale = 0;
	int builds = 0;
	int rc = 0;

	while (!rc && !*row) {
		if (!read_string(queue, 4, head, task_id, sizeof(task_id)))
			return 0;
		if (*task_id && stale < SR_QUEUE_STALE) {
			rc = look_up(queue, task_id, row, err);
			if (!rc && !*row)
				drop(queue, task_id);
			stale++;
		} else if (builds++ < SR_QUEUE_BUILDS && build(queue, &rc, err)) {
			stale = 0;
		} else {
			break;
		}
	}
	return rc;
}

int sr_queue_next(struct sr_app *app, const char *project, PGresult **row, struct sr_error *err)
{
	struct query query = {.statement = &oldest_statement};
	struct queue queue;
	int rc;

	*row = NULL;
	init(&queue, app, project);
	rc = next_queued(&queue, row, err);
	if (!rc && !*row) {
		rc = ask(&queue, &query, err);
		*row = query.result;
	}
	return rc;
}
