/* Commands, alone and in pipelines. */
#include "private.h"

#include "scalerun/binding/args.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/task.h"

#include <stdio.h>

#define ARGUMENTS_MAX 1000000 /* of one command */

static void record(lua_State *L, const struct connection *connection, const struct sr_op *op)
{
	/* Redis's own word for what is wrong. */
	sr_record_op(L, connection->series, op, op->err.code == SR_ESERVER ? op->err.detail : NULL);
}

/* The argument at idx as bytes that stay while it is on the stack. n is its place in the command, for errors. */
static const char *to_argument(lua_State *L, int idx, int n, size_t *len)
{
	char text[40];

	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		break;
	case LUA_TNUMBER:
		/* 1.0 is 1 to Redis. */
		if (!lua_isinteger(L, idx)) {
			snprintf(text, sizeof(text), "%.17g", lua_tonumber(L, idx));
			lua_pushstring(L, text);
			lua_replace(L, idx);
		}
		break;
	default:
		luaL_error(L, "redis: argument %d is a %s; Redis takes strings and numbers", n,
			   lua_islightuserdata(L, idx) ? "null" : luaL_typename(L, idx));
	}
	return lua_tolstring(L, idx, len);
}

/* Room for the arguments of one command, owned by Lua (pushed). */
struct arguments {
	const char **argv;
	size_t *lens;
};

static struct arguments push_arguments(lua_State *L, size_t n)
{
	struct arguments arguments;

	arguments.argv = lua_newuserdatauv(L, n * (sizeof(char *) + sizeof(size_t)), 0);
	arguments.lens = (size_t *)(void *)(arguments.argv + n);
	return arguments;
}

static int call_finish(lua_State *L, struct sr_op *op)
{
	struct sr_redis_op *command = (struct sr_redis_op *)op;

	record(L, luaL_checkudata(L, 1, CONNECTION_META), op);
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	sr_lredis_push_reply(L, command->replies[0], false);
	return 1;
}

static int pipeline_finish(lua_State *L, struct sr_op *op)
{
	struct sr_redis_op *command = (struct sr_redis_op *)op;

	record(L, luaL_checkudata(L, 1, CONNECTION_META), op);
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_createtable(L, (int)command->replied, 0);
	for (size_t i = 0; i < command->replied; i++) {
		sr_lredis_push_reply(L, command->replies[i], true);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int64_t check_timeout(lua_State *L, const struct connection *connection, int arg)
{
	return lua_isnoneornil(L, arg) ? connection->timeout : sr_check_duration(L, arg);
}

/* connection:call(timeout or nil, command, argument…) → reply */
int sr_lredis_call(lua_State *L)
{
	struct connection *connection = sr_lredis_check_connection(L);
	int64_t timeout = check_timeout(L, connection, 2);
	int argc = lua_gettop(L) - 2;
	struct arguments arguments;
	struct sr_redis_op *op;
	struct sr_error err;

	luaL_argcheck(L, argc >= 1, 3, "the command is missing");
	arguments = push_arguments(L, (size_t)argc);
	for (int i = 0; i < argc; i++)
		arguments.argv[i] = to_argument(L, 3 + i, i, &arguments.lens[i]);
	sr_task_check(L, "redis.call");
	op = sr_redis_op_new(connection->redis, false);
	if (!op)
		return luaL_error(L, "redis.call: out of memory");
	if (sr_redis_op_add(op, argc, arguments.argv, arguments.lens, &err) < 0) {
		sr_op_free(&op->op);
		return sr_push_failure(L, &err);
	}
	sr_redis_op_start(op, timeout);
	return sr_task_await(L, &op->op, call_finish);
}

/* What add_commands works on, so that it can run in a protected call: an error in one of many commands must not leak
 * the op. */
struct batch {
	struct sr_redis_op *op;
	struct sr_error err;
	int rc;
};

/* (batch, commands) */
static int add_commands(lua_State *L)
{
	struct batch *batch = lua_touserdata(L, 1);
	lua_Integer n = luaL_len(L, 2);

	for (lua_Integer i = 1; i <= n && batch->rc == 0; i++) {
		struct arguments arguments;
		lua_Integer argc;

		if (lua_geti(L, 2, i) != LUA_TTABLE)
			return luaL_error(L, "redis.pipeline: command %d is a %s, not a list", (int)i,
					  luaL_typename(L, -1));
		argc = luaL_len(L, 3);
		if (argc < 1 || argc > ARGUMENTS_MAX)
			return luaL_error(L, "redis.pipeline: command %d has %d words", (int)i, (int)argc);
		luaL_checkstack(L, (int)argc + 4, "a command has too many arguments");
		arguments = push_arguments(L, (size_t)argc);
		for (int word = 0; word < argc; word++) {
			lua_geti(L, 3, word + 1);
			arguments.argv[word] = to_argument(L, 5 + word, word, &arguments.lens[word]);
		}
		batch->rc = sr_redis_op_add(batch->op, (int)argc, arguments.argv, arguments.lens, &batch->err);
		lua_settop(L, 2);
	}
	return 0;
}

/* connection:pipeline(commands, timeout) → replies, error replies among them as values */
int sr_lredis_pipeline(lua_State *L)
{
	struct connection *connection = sr_lredis_check_connection(L);
	int64_t timeout = check_timeout(L, connection, 3);
	struct batch batch = {0};

	luaL_checktype(L, 2, LUA_TTABLE);
	sr_task_check(L, "redis.pipeline");
	batch.op = sr_redis_op_new(connection->redis, true);
	if (!batch.op)
		return luaL_error(L, "redis.pipeline: out of memory");
	lua_pushcfunction(L, add_commands);
	lua_pushlightuserdata(L, &batch);
	lua_pushvalue(L, 2);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
		sr_op_free(&batch.op->op);
		return lua_error(L);
	}
	if (batch.rc < 0) {
		sr_op_free(&batch.op->op);
		return sr_push_failure(L, &batch.err);
	}
	sr_redis_op_start(batch.op, timeout);
	return sr_task_await(L, &batch.op->op, pipeline_finish);
}
