/* What a connection and a transaction have in common: query, exec, batch. */
#include "private.h"

#include "scalerun/binding/args.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/task.h"

#include <string.h>

#define BATCH_MAX 10000

void sr_lpg_record(lua_State *L, const char *series, const struct sr_op *op)
{
	sr_record_op(L, series, op, op->err.detail);
}

static const char *check_sql(lua_State *L, int idx, const char *what)
{
	size_t length;
	const char *sql = luaL_checklstring(L, idx, &length);

	if (strlen(sql) != length)
		luaL_error(L, "%s: the SQL text holds a zero byte", what);
	return sql;
}

int sr_lpg_out_of_memory(lua_State *L, const char *what)
{
	struct sr_error err;

	sr_fail(&err, SR_ENOMEM, what, "out of memory");
	return sr_push_failure(L, &err);
}

static int finish(lua_State *L, struct sr_op *op)
{
	sr_lpg_record(L, lua_tostring(L, 3), op);
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	sr_lpg_push_result(L, sr_pg_result(op));
	return 1;
}

/* query(timeout, series, sql, ...) → result, or nil, error */
static int l_query(lua_State *L)
{
	struct session session = sr_lpg_check_session(L, 1, "pg.query");
	int64_t timeout = sr_check_duration(L, 2);
	const char *sql = check_sql(L, 4, "pg.query");
	int top = lua_gettop(L);
	struct sr_op *op;

	luaL_checkstring(L, 3);
	luaL_checkstack(L, 4, NULL);
	for (int i = 5; i <= top; i++)
		sr_lpg_param_to_text(L, i, "pg.query", i - 4);
	sr_task_check(L, "pg.query");
	op = sr_lpg_query_of_stack(L, session.pg, sql, 5);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.query");
	sr_pg_start(op, session.tx, timeout);
	return sr_task_await(L, op, finish);
}

/* exec(timeout, series, sql) → result of the last statement, or nil, error */
static int l_exec(lua_State *L)
{
	struct session session = sr_lpg_check_session(L, 1, "pg.exec");
	int64_t timeout = sr_check_duration(L, 2);
	const char *sql = check_sql(L, 4, "pg.exec");
	struct sr_op *op;

	luaL_checkstring(L, 3);
	sr_task_check(L, "pg.exec");
	op = sr_pg_exec_new(session.pg, sql);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.exec");
	sr_pg_start(op, session.tx, timeout);
	return sr_task_await(L, op, finish);
}

/* Converts the parameters of each query in its own table; the largest number of them is returned. */
static int convert_batch(lua_State *L, int count)
{
	int largest = 0;

	for (int i = 1; i <= count; i++) {
		int nparams;

		lua_rawgeti(L, 4, i);
		luaL_checktype(L, -1, LUA_TTABLE);
		lua_getfield(L, -1, "sql");
		check_sql(L, -1, "pg.pipeline");
		lua_getfield(L, -2, "n");
		nparams = (int)luaL_checkinteger(L, -1);
		lua_pop(L, 2);
		for (int p = 1; p <= nparams; p++) {
			lua_rawgeti(L, -1, p);
			sr_lpg_param_to_text(L, lua_gettop(L), "pg.pipeline", p);
			lua_rawseti(L, -2, p);
		}
		lua_pop(L, 1);
		largest = nparams > largest ? nparams : largest;
	}
	return largest;
}

/* The texts stay where they are, in the tables. */
static struct sr_op *new_of_batch(lua_State *L, struct sr_pg *pg, int i, const char **values)
{
	const char *sql;
	int nparams;
	struct sr_op *op;

	lua_rawgeti(L, 4, i);
	lua_getfield(L, -1, "sql");
	lua_getfield(L, -2, "n");
	sql = lua_tostring(L, -2);
	nparams = (int)lua_tointeger(L, -1);
	lua_pop(L, 2);
	for (int p = 0; p < nparams; p++) {
		lua_rawgeti(L, -1, p + 1);
		values[p] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	op = sr_pg_query_new(pg, sql, nparams, values);
	lua_pop(L, 1);
	return op;
}

static struct sr_op *new_batch(lua_State *L, struct sr_pg *pg, int count, struct sr_op **ops, const char **values)
{
	struct sr_op *batch = NULL;
	int made = 0;

	while (made < count && (ops[made] = new_of_batch(L, pg, made + 1, values)))
		made++;
	if (made == count)
		batch = sr_pg_batch_new(pg, ops, (unsigned)count);
	if (!batch)
		while (made > 0)
			sr_op_free(ops[--made]);
	return batch;
}

static int finish_batch(lua_State *L, struct sr_op *op)
{
	unsigned count = sr_pg_batch_count(op);
	const char *series = lua_tostring(L, 3);

	for (unsigned i = 0; i < count; i++)
		sr_lpg_record(L, series, sr_pg_batch_get(op, i));
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_createtable(L, (int)count, 0);
	for (unsigned i = 0; i < count; i++) {
		const struct sr_op *one = sr_pg_batch_get(op, i);

		if (one->status < 0)
			sr_push_error(L, &one->err);
		else
			sr_lpg_push_result(L, sr_pg_result(one));
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* batch(timeout, series, { { sql =, n =, ... }, ... }) → list of results and errors, or nil, error. Changes the
 * parameters in place. */
static int l_batch(lua_State *L)
{
	struct session session = sr_lpg_check_session(L, 1, "pg.pipeline");
	int64_t timeout = sr_check_duration(L, 2);
	lua_Integer count;
	const char **values;
	struct sr_op **ops, *batch;
	int largest;

	luaL_checkstring(L, 3);
	luaL_checktype(L, 4, LUA_TTABLE);
	count = (lua_Integer)lua_rawlen(L, 4);
	if (count > BATCH_MAX)
		return luaL_error(L, "pg.pipeline: at most %d queries, not %I", BATCH_MAX, (LUAI_UACINT)count);
	largest = convert_batch(L, (int)count);
	values = lua_newuserdatauv(L, ((size_t)largest + 1) * sizeof *values, 0);
	ops = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof(struct sr_op *), 0);
	sr_task_check(L, "pg.pipeline");
	batch = new_batch(L, session.pg, (int)count, ops, values);
	if (!batch)
		return sr_lpg_out_of_memory(L, "pg.pipeline");
	sr_pg_batch_start(batch, session.tx, timeout);
	return sr_task_await(L, batch, finish_batch);
}

const luaL_Reg sr_lpg_session_methods[] = {
    {"query", l_query}, {"exec", l_exec}, {"batch", l_batch}, {"copy", sr_lpg_copy}, {NULL, NULL},
};
