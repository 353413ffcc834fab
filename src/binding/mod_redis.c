/* scalerun.core.redis: connections and commands. */
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"
#include "scalerun/engine/redis.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTION_META "scalerun.redis"
#define ARGUMENTS_MAX   1000000 /* of one command */
#define SERIES_MAX      100     /* bytes of a series' name */

struct connection {
	struct sr_redis *redis; /* NULL: closed */
	struct connections *connections;
	struct connection *next, **prev;
	int64_t timeout; /* of a command */
	char series[SERIES_MAX];
};

/* The connections of one state. */
struct connections {
	struct sr_loop *loop;
	struct connection *first;
	unsigned closing;
};

/* ---- the state's connections ---------------------------------------------------------------------- */

static void *make_connections(struct sr_state *state)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (connections)
		connections->loop = sr_state_loop(state);
	return connections;
}

static void on_closed(void *arg)
{
	((struct connections *)arg)->closing--;
}

static void close_connection(struct connection *connection)
{
	struct connections *connections = connection->connections;

	if (!connection->redis)
		return;
	*connection->prev = connection->next;
	if (connection->next)
		connection->next->prev = connection->prev;
	connections->closing++;
	sr_redis_close(connection->redis, on_closed, connections);
	connection->redis = NULL;
}

static bool is_closing(void *arg)
{
	return ((struct connections *)arg)->closing > 0;
}

static void drop_connections(void *arg)
{
	struct connections *connections = arg;

	while (connections->first)
		close_connection(connections->first);
	/* A name that is being looked up may take as long as the resolver. */
	sr_loop_run_while(connections->loop, is_closing, connections, SR_NEVER);
	free(connections);
}

static struct connection *check_connection(lua_State *L)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);

	if (!connection->redis)
		luaL_error(L, "this Redis connection is closed");
	return connection;
}

/* ---- metrics -------------------------------------------------------------------------------------- */

static void record(lua_State *L, const struct connection *connection, const struct sr_op *op)
{
	struct sr_metrics *metrics = sr_state_metrics(sr_state_of(L));
	int series = sr_metrics_series(metrics, connection->series);
	int64_t latency = op->ended - op->started;

	if (series < 0)
		return;
	if (op->status == 0)
		sr_metrics_ok(metrics, series, latency);
	else
		sr_metrics_failed(metrics, series, latency,
				  op->err.code == SR_ESERVER && op->err.detail[0] ? op->err.detail
										  : sr_code_name(op->err.code));
}

/* ---- connecting ----------------------------------------------------------------------------------- */

static const char *string_field(lua_State *L, const char *name, size_t max)
{
	const char *text = NULL;
	size_t len = 0;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		text = luaL_checklstring(L, -1, &len);
	if (len >= max || (text && strlen(text) != len))
		luaL_error(L, "redis.connect: %s is longer than %d bytes, or holds a zero byte", name, (int)max - 1);
	lua_pop(L, 1); /* the table keeps it */
	return text;
}

static void copy_field(lua_State *L, const char *name, char *to, size_t max)
{
	const char *text = string_field(L, name, max);

	if (text)
		memcpy(to, text, strlen(text) + 1);
}

/* The address in the fields of the table at 1: url, or unix, or host and port; the other fields add to it. */
static int read_address(lua_State *L, struct sr_redis_address *address, struct sr_error *err)
{
	const char *url = string_field(L, "url", 2048);
	int rc = 0;

	memset(address, 0, sizeof(*address));
	address->port = 6379;
	if (url)
		rc = sr_redis_url_parse(url, address, err);
	copy_field(L, "unix", address->path, sizeof(address->path));
	copy_field(L, "host", address->host, sizeof(address->host));
	copy_field(L, "user", address->user, sizeof(address->user));
	copy_field(L, "password", address->password, sizeof(address->password));
	if (lua_getfield(L, 1, "port") != LUA_TNIL)
		address->port = (int)luaL_checkinteger(L, -1);
	if (lua_getfield(L, 1, "database") != LUA_TNIL)
		address->database = (int)luaL_checkinteger(L, -1);
	lua_pop(L, 2);
	if (rc < 0)
		return rc;
	if ((address->host[0] && (address->port < 1 || address->port > 65535)) || address->database < 0)
		return sr_fail(err, SR_EINVAL, "redis.connect",
			       "a port lies between 1 and 65535, a database is not negative");
	if (!address->host[0] && !address->path[0])
		return sr_fail(err, SR_EINVAL, "redis.connect", "neither a URL nor a host nor a unix socket is named");
	return 0;
}

static int connect_finish(lua_State *L, struct sr_op *op)
{
	struct connection *connection = luaL_checkudata(L, -1, CONNECTION_META);

	if (op->status < 0) {
		close_connection(connection);
		return sr_push_failure(L, &op->err);
	}
	return 1;
}

/* connect { url, unix, host, port, user, password, database, timeout, connect_timeout, reply_max, series }
 * → connection */
static int l_connect(lua_State *L)
{
	static const char key;
	struct sr_redis_address address;
	struct connection *connection;
	struct connections *connections;
	struct sr_error err;
	struct sr_op *op;
	int64_t connect_timeout;
	lua_Integer reply_max;
	const char *series;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (read_address(L, &address, &err) < 0)
		return sr_push_failure(L, &err);
	connect_timeout = sr_field_duration(L, 1, "connect_timeout", 10 * SR_S);
	lua_getfield(L, 1, "reply_max");
	reply_max = luaL_optinteger(L, -1, 0);
	lua_pop(L, 1);
	series = string_field(L, "series", SERIES_MAX);
	sr_task_check(L, "redis.connect");
	connections = sr_state_slot(sr_state_of(L), &key, make_connections, drop_connections);
	connection = lua_newuserdatauv(L, sizeof(*connection), 0);
	*connection = (struct connection){.connections = connections};
	luaL_setmetatable(L, CONNECTION_META);
	connection->timeout = sr_field_duration(L, 1, "timeout", 10 * SR_S);
	snprintf(connection->series, sizeof(connection->series), "%s", series ? series : "redis");
	if (!connections)
		return luaL_error(L, "redis.connect: out of memory");
	if (sr_redis_new(&connection->redis, connections->loop, &address, reply_max > 0 ? (size_t)reply_max : 0, &err) <
	    0)
		return sr_push_failure(L, &err);
	connection->next = connections->first;
	connection->prev = &connections->first;
	if (connection->next)
		connection->next->prev = &connection->next;
	connections->first = connection;
	op = sr_redis_connect_new(connection->redis);
	if (!op) {
		close_connection(connection);
		return luaL_error(L, "redis.connect: out of memory");
	}
	sr_redis_connect_start(op, connect_timeout);
	return sr_task_await(L, op, connect_finish);
}

/* ---- commands ------------------------------------------------------------------------------------- */

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

static void push_reply(lua_State *L, const struct sr_redis_value *value, bool inside)
{
	struct sr_error err;

	switch (value->type) {
	case SR_REDIS_STRING:
	case SR_REDIS_STATUS:
		lua_pushlstring(L, value->bytes, value->len);
		return;
	case SR_REDIS_INTEGER:
		lua_pushinteger(L, value->integer);
		return;
	case SR_REDIS_ERROR:
		sr_redis_value_fail(value, "redis.call", &err);
		sr_push_error(L, &err);
		return;
	case SR_REDIS_NIL:
		/* nil would end the list early. */
		if (inside)
			lua_pushlightuserdata(L, NULL);
		else
			lua_pushnil(L);
		return;
	case SR_REDIS_ARRAY:
		luaL_checkstack(L, 3, "a reply is nested too deeply");
		lua_createtable(L, (int)value->len, 0);
		for (size_t i = 0; i < value->len; i++) {
			push_reply(L, value->items[i], true);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	}
}

static int call_finish(lua_State *L, struct sr_op *op)
{
	struct sr_redis_op *command = (struct sr_redis_op *)op;

	record(L, luaL_checkudata(L, 1, CONNECTION_META), op);
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	push_reply(L, command->replies[0], false);
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
		push_reply(L, command->replies[i], true);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int64_t check_timeout(lua_State *L, const struct connection *connection, int arg)
{
	return lua_isnoneornil(L, arg) ? connection->timeout : sr_check_duration(L, arg);
}

/* connection:call(timeout or nil, command, argument…) → reply */
static int l_call(lua_State *L)
{
	struct connection *connection = check_connection(L);
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
static int l_pipeline(lua_State *L)
{
	struct connection *connection = check_connection(L);
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

static int l_close(lua_State *L)
{
	close_connection(luaL_checkudata(L, 1, CONNECTION_META));
	return 0;
}

static int l_is_open(lua_State *L)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);

	lua_pushboolean(L, connection->redis && sr_redis_is_open(connection->redis));
	return 1;
}

static const luaL_Reg methods[] = {
    {"call", l_call},       {"pipeline", l_pipeline}, {"close", l_close},
    {"is_open", l_is_open}, {"__gc", l_close},        {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"connect", l_connect},
    {NULL, NULL},
};

int sr_open_core_redis(lua_State *L)
{
	sr_class_register(L, CONNECTION_META, methods, NULL);
	luaL_newlib(L, functions);
	return 1;
}
