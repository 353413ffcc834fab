/* scalerun.core.pg: connections. Functions that can fail return nil and an error table. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <string.h>

struct session sr_lpg_check_session(lua_State *L, int idx, const char *what)
{
	struct connection *connection = luaL_testudata(L, idx, CONNECTION_META);
	struct transaction *transaction = luaL_testudata(L, idx, TRANSACTION_META);
	struct session session = {0};

	if (transaction) {
		lua_getiuservalue(L, idx, 1);
		connection = lua_touserdata(L, -1);
		lua_pop(L, 1);
		session.tx = transaction->tx;
		if (!session.tx)
			luaL_error(L, "%s: the transaction is closed", what);
	}
	if (!connection)
		luaL_typeerror(L, idx, "connection or transaction");
	if (!connection->pg)
		luaL_error(L, "%s: the connection was given back to its pool", what);
	session.pg = connection->pg;
	return session;
}

struct connection *sr_lpg_push_connection(lua_State *L)
{
	struct connection *connection = lua_newuserdatauv(L, sizeof *connection, 1);

	connection->pg = NULL;
	connection->pool = NULL;
	luaL_setmetatable(L, CONNECTION_META);
	return connection;
}

static struct connection *check_connection(lua_State *L, const char *what)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);

	if (!connection->pg)
		luaL_error(L, "%s: the connection was given back to its pool", what);
	return connection;
}

/* ---- connecting ---- */

static void collect_keywords(lua_State *L, struct sr_lpg_keywords *keywords)
{
	int count = 0;

	if (lua_getfield(L, 1, "parameters") == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		if (count == KEYWORDS_MAX || lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "pg.connect: parameters are at most %d strings by name", KEYWORDS_MAX);
		keywords->names[count] = lua_tostring(L, -2);
		keywords->values[count++] = lua_tostring(L, -1);
	}
	lua_pop(L, 1); /* the caller's table keeps the strings */
}

lua_Integer sr_lpg_integer_field(lua_State *L, const char *name, lua_Integer fallback, lua_Integer max)
{
	lua_Integer value = fallback;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		value = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	if (value < 0 || value > max)
		luaL_error(L, "pg.connect: %s must be between 0 and %I", name, (LUAI_UACINT)max);
	return value;
}

static int finish_connect(lua_State *L, struct sr_op *op)
{
	struct connection *connection;

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	connection = sr_lpg_push_connection(L);
	connection->pg = sr_pg_connect_take(op);
	return 1;
}

void sr_lpg_read_options(lua_State *L, struct sr_pg_options *options, struct sr_lpg_keywords *keywords)
{
	lua_Integer statements;

	luaL_checktype(L, 1, LUA_TTABLE);
	memset(keywords, 0, sizeof *keywords);
	memset(options, 0, sizeof *options);
	collect_keywords(L, keywords);
	options->keywords = keywords->names;
	options->values = keywords->values;
	if (lua_getfield(L, 1, "dsn") != LUA_TNIL)
		options->dsn = luaL_checkstring(L, -1);
	lua_pop(L, 1);
	statements = sr_lpg_integer_field(L, "statements", SR_PG_STATEMENTS, 100000);
	options->statements = (unsigned)statements;
	options->unprepared = statements == 0;
	options->depth = (unsigned)sr_lpg_integer_field(L, "depth", SR_PG_DEPTH, SR_PG_MAX_DEPTH);
	options->max_result = (size_t)sr_lpg_integer_field(L, "max_result", SR_PG_MAX_RESULT, INT64_C(1) << 40);
}

/* connect({ dsn =, parameters =, max_result =, statements =, depth =, timeout = }) → connection, or nil, error */
static int l_connect(lua_State *L)
{
	struct sr_pg_options options;
	struct sr_lpg_keywords keywords;
	int64_t timeout;
	struct sr_op *op;

	sr_lpg_read_options(L, &options, &keywords);
	timeout = sr_field_duration(L, 1, "timeout", 10 * SR_S);
	sr_task_check(L, "pg.connect");
	op = sr_pg_connect_new(sr_state_loop(sr_state_of(L)), &options);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.connect");
	sr_pg_connect_start(op, timeout);
	return sr_task_await(L, op, finish_connect);
}

/* keywords() → the names that parameters may have */
static int l_keywords(lua_State *L)
{
	PQconninfoOption *known = PQconndefaults();
	int count = 0;

	lua_newtable(L);
	for (PQconninfoOption *at = known; at && at->keyword; at++) {
		lua_pushstring(L, at->keyword);
		lua_rawseti(L, -2, ++count);
	}
	PQconninfoFree(known);
	return 1;
}

/* ---- a connection's own methods ---- */

/* check() → true, or nil and the error with which statements would fail */
static int l_check(lua_State *L)
{
	struct connection *connection = check_connection(L, "pg.connection");
	struct sr_error err;

	if (sr_pg_check(connection->pg, &err) < 0)
		return sr_push_failure(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

/* info() → { pid =, server_version = } */
static int l_info(lua_State *L)
{
	struct connection *connection = check_connection(L, "pg.connection");

	lua_createtable(L, 0, 2);
	lua_pushinteger(L, sr_pg_backend_pid(connection->pg));
	lua_setfield(L, -2, "pid");
	lua_pushinteger(L, sr_pg_server_version(connection->pg));
	lua_setfield(L, -2, "server_version");
	return 1;
}

/* notices() → list of { severity =, sqlstate =, message = }, number of those lost; takes them out */
static int l_notices(lua_State *L)
{
	struct connection *connection = check_connection(L, "pg.notices");
	struct sr_pg_notice notice;

	lua_newtable(L);
	for (int i = 1; sr_pg_notice_take(connection->pg, &notice); i++) {
		lua_createtable(L, 0, 3);
		lua_pushstring(L, notice.severity);
		lua_setfield(L, -2, "severity");
		lua_pushstring(L, notice.sqlstate);
		lua_setfield(L, -2, "sqlstate");
		lua_pushstring(L, notice.text);
		lua_setfield(L, -2, "message");
		lua_rawseti(L, -2, i);
	}
	lua_pushinteger(L, (lua_Integer)sr_pg_notices_lost(connection->pg));
	return 2;
}

static int give_back(struct connection *connection, struct sr_error *err)
{
	struct sr_pg *pg = connection->pg;

	connection->pg = NULL;
	return pg ? sr_pg_pool_release(connection->pool, pg, err) : 0;
}

/* close() ends a connection of its own, and gives back a lent one: true, or nil, error */
static int l_close(lua_State *L)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);
	struct sr_error err;

	if (connection->pool && give_back(connection, &err) < 0)
		return sr_push_failure(L, &err);
	if (!connection->pool)
		sr_pg_close(connection->pg);
	lua_pushboolean(L, 1);
	return 1;
}

/* The same, but the error is raised, unless another one is on its way. */
static int l_to_be_closed(lua_State *L)
{
	if (l_close(L) == 1 || !lua_isnil(L, 2))
		return 0;
	return lua_error(L);
}

static int l_gc(lua_State *L)
{
	struct connection *connection = luaL_checkudata(L, 1, CONNECTION_META);

	if (connection->pool)
		give_back(connection, NULL);
	else
		sr_pg_free(connection->pg);
	connection->pg = NULL;
	return 0;
}

static const luaL_Reg methods[] = {
    {"begin", sr_lpg_begin}, {"check", l_check},          {"info", l_info}, {"notices", l_notices},
    {"close", l_close},      {"__close", l_to_be_closed}, {"__gc", l_gc},   {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"connect", l_connect},
    {"pool", sr_lpg_pool},
    {"keywords", l_keywords},
    {NULL, NULL},
};

int sr_open_core_pg(lua_State *L)
{
	sr_class_register(L, CONNECTION_META, methods, sr_lpg_session_methods);
	sr_lpg_open_transaction_meta(L);
	sr_lpg_open_copy_meta(L);
	sr_lpg_open_pool_meta(L);
	luaL_newlib(L, functions);
	return 1;
}
