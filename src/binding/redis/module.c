/* scalerun.core.redis: connections. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <stdio.h>
#include <stdlib.h>

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

struct connection *sr_lredis_check_connection(lua_State *L)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);

	if (!connection->redis)
		luaL_error(L, "this Redis connection is closed");
	return connection;
}

/* ---- connecting ----------------------------------------------------------------------------------- */

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
	if (sr_lredis_read_address(L, &address, &err) < 0)
		return sr_push_failure(L, &err);
	connect_timeout = sr_field_duration(L, 1, "connect_timeout", 10 * SR_S);
	lua_getfield(L, 1, "reply_max");
	reply_max = luaL_optinteger(L, -1, 0);
	lua_pop(L, 1);
	series = sr_lredis_string_field(L, "series", SERIES_MAX);
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
    {"call", sr_lredis_call}, {"pipeline", sr_lredis_pipeline},
    {"close", l_close},       {"is_open", l_is_open},
    {"__gc", l_close},        {NULL, NULL},
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
