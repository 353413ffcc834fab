/* COPY FROM STDIN, row by row: rows gather in a buffer, flush sends it. */
#include "private.h"

#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PIECE      (64u << 10) /* row() says when so much has gathered */
#define BUFFER_MAX (64u << 20) /* of one row with what gathered before */

struct copy {
	struct sr_pg_copy *copy; /* NULL once closed; user value 1 keeps the connection */
	struct sr_buf buf;
	size_t whole; /* bytes of whole rows in it: a row that raises half-way leaves more */
	int64_t began;
};

static struct copy *check_copy(lua_State *L)
{
	struct copy *copy = luaL_checkudata(L, 1, COPY_META);

	if (!copy->copy)
		luaL_error(L, "pg.copy: the copy is closed");
	return copy;
}

static int finish_begin(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	return 1; /* the copy, pushed before the wait */
}

/* session:copy(timeout, sql) → copy, or nil, error */
int sr_lpg_copy(lua_State *L)
{
	struct session session = sr_lpg_check_session(L, 1, "pg.copy");
	int64_t timeout = sr_check_duration(L, 2);
	const char *sql = luaL_checkstring(L, 3);
	struct copy *copy;
	struct sr_op *op;

	lua_settop(L, 3);
	sr_task_check(L, "pg.copy");
	copy = lua_newuserdatauv(L, sizeof *copy, 1);
	copy->copy = NULL;
	copy->whole = 0;
	sr_buf_init(&copy->buf, BUFFER_MAX);
	luaL_setmetatable(L, COPY_META);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, 1);
	op = sr_pg_copy_new(session.pg, sql, &copy->copy);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.copy");
	sr_pg_start(op, session.tx, timeout);
	copy->began = op->started;
	return sr_task_await(L, op, finish_begin);
}

/* A field of COPY's text format. */
static int append_field(struct sr_buf *buf, const char *text, size_t length)
{
	static const char special[] = "\\\n\r\t", escaped[] = "\\nrt";
	int rc = 0;

	while (rc == 0 && length > 0) {
		size_t plain = strcspn(text, special);
		const char *found;

		rc = sr_buf_append(buf, text, plain);
		text += plain;
		length -= plain;
		if (rc == 0 && length > 0) {
			found = strchr(special, *text);
			rc = sr_buf_append(buf, (char[]){'\\', escaped[found - special]}, 2);
			text++;
			length--;
		}
	}
	return rc;
}

/* Positional as soon as any position has a value. */
static bool is_positional(lua_State *L, int row, int columns)
{
	bool found = false;

	for (int i = 1; i <= columns && !found; i++) {
		found = lua_rawgeti(L, row, i) != LUA_TNIL;
		lua_pop(L, 1);
	}
	return found;
}

/* A key that is no column, or a value beyond the last one, would be lost without a word. */
static void refuse_extra(lua_State *L, int row, int columns, int names, bool positional)
{
	int known = 0, keys = 0;

	if (positional) {
		if ((int)lua_rawlen(L, row) > columns)
			luaL_error(L, "pg.copy: a row has %d values for %d columns", (int)lua_rawlen(L, row), columns);
		return;
	}
	for (int i = 1; i <= columns; i++) {
		lua_rawgeti(L, names, i);
		known += lua_rawget(L, row) != LUA_TNIL;
		lua_pop(L, 1);
	}
	lua_pushnil(L);
	for (; lua_next(L, row); lua_pop(L, 1))
		keys++;
	if (keys > known)
		luaL_error(L, "pg.copy: a row has a key that is not among the columns");
}

static int append_value(lua_State *L, struct copy *copy)
{
	size_t length;
	const char *text = lua_tolstring(L, -1, &length);

	return text ? append_field(&copy->buf, text, length) : sr_buf_append(&copy->buf, "\\N", 2);
}

/* copy:row(row, columns) → whether it is time to flush. The row's values stand in the order of the columns, or under
 * their names. */
static int l_row(lua_State *L)
{
	struct copy *copy = check_copy(L);
	int columns, rc = 0;
	bool positional;

	luaL_checktype(L, 2, LUA_TTABLE);
	luaL_checktype(L, 3, LUA_TTABLE);
	lua_settop(L, 3);
	columns = (int)lua_rawlen(L, 3);
	positional = is_positional(L, 2, columns);
	refuse_extra(L, 2, columns, 3, positional);
	copy->buf.len = copy->whole;
	for (int i = 1; i <= columns && rc == 0; i++) {
		lua_rawgeti(L, positional ? 2 : 3, i);
		if (!positional)
			lua_rawget(L, 2);
		sr_lpg_param_to_text(L, 4, "pg.copy", i);
		rc = append_value(L, copy);
		lua_pop(L, 1);
		if (rc == 0)
			rc = sr_buf_append(&copy->buf, i < columns ? "\t" : "\n", 1);
	}
	if (rc < 0)
		return luaL_error(L, "pg.copy: %s", rc == -SR_ELIMIT ? "a row is larger than 64 MiB" : "out of memory");
	copy->whole = copy->buf.len;
	lua_pushboolean(L, copy->whole >= PIECE);
	return 1;
}

static int finish_flush(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushboolean(L, 1);
	return 1;
}

/* copy:flush(timeout) → true, or nil, error. Sends the rows and waits until the kernel has them. */
static int l_flush(lua_State *L)
{
	struct copy *copy = check_copy(L);
	int64_t timeout = sr_check_duration(L, 2);
	struct sr_op *op;

	sr_task_check(L, "pg.copy");
	op = sr_pg_copy_op_new(copy->copy);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.copy");
	sr_pg_copy_feed_start(op, copy->buf.data, copy->whole, timeout);
	sr_buf_clear(&copy->buf);
	copy->whole = 0;
	return sr_task_await(L, op, finish_flush);
}

static int finish_all(lua_State *L, struct sr_op *op)
{
	struct copy *copy = lua_touserdata(L, 1);

	op->started = copy->began; /* what is counted is the copy, not its last step */
	sr_lpg_record(L, lua_tostring(L, 3), op);
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushinteger(L, strtoll(PQcmdTuples((PGresult *)sr_pg_result(op)), NULL, 10));
	return 1;
}

/* copy:finish(timeout, series) → number of rows, or nil, error. Everything must have been flushed. */
static int l_finish(lua_State *L)
{
	struct copy *copy = check_copy(L);
	int64_t timeout = sr_check_duration(L, 2);
	struct sr_op *op;

	luaL_checkstring(L, 3);
	sr_task_check(L, "pg.copy");
	op = sr_pg_copy_op_new(copy->copy);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.copy");
	sr_pg_copy_finish_start(op, timeout);
	return sr_task_await(L, op, finish_all);
}

/* A copy that has not finished is undone. */
static int l_close(lua_State *L)
{
	struct copy *copy = luaL_checkudata(L, 1, COPY_META);

	sr_pg_copy_free(copy->copy);
	copy->copy = NULL;
	sr_buf_deinit(&copy->buf);
	return 0;
}

static const luaL_Reg methods[] = {
    {"row", l_row},    {"flush", l_flush},   {"finish", l_finish}, {"close", l_close},
    {"__gc", l_close}, {"__close", l_close}, {NULL, NULL},
};

void sr_lpg_open_copy_meta(lua_State *L)
{
	sr_class_register(L, COPY_META, methods, NULL);
}
