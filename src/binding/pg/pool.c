/* Pools: what they lend are connections with all the methods of others. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"

#define POOL_META "scalerun.pg.pool"

struct pool {
	struct sr_pg_pool *pool;
};

static struct sr_pg_pool *check_pool(lua_State *L)
{
	return ((struct pool *)luaL_checkudata(L, 1, POOL_META))->pool;
}

/* pool({ … as for connect, size =, share = }) → pool. Opens nothing yet. */
int sr_lpg_pool(lua_State *L)
{
	struct sr_pg_pool_options options = {0};
	struct sr_lpg_keywords keywords;
	struct sr_error err;
	struct pool *pool;

	sr_lpg_read_options(L, &options.connection, &keywords);
	options.size = (unsigned)sr_lpg_integer_field(L, "size", 10, SR_PG_POOL_MAX);
	options.share = (unsigned)sr_lpg_integer_field(L, "share", 1, SR_PG_MAX_DEPTH);
	options.connect_timeout = sr_field_duration(L, 1, "timeout", 10 * SR_S);
	pool = lua_newuserdatauv(L, sizeof *pool, 0);
	pool->pool = NULL;
	luaL_setmetatable(L, POOL_META);
	if (sr_pg_pool_new(&pool->pool, sr_state_loop(sr_state_of(L)), &options, &err) < 0)
		return sr_push_failure(L, &err);
	return 1;
}

static int finish_acquire(lua_State *L, struct sr_op *op)
{
	struct connection *connection = lua_touserdata(L, -1);

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	connection->pg = sr_pg_acquire_take(op);
	return 1;
}

/* acquire(timeout, shared) → connection, or nil, error. Its release, close or __close gives it back. */
static int l_acquire(lua_State *L)
{
	struct sr_pg_pool *pool = check_pool(L);
	int64_t timeout = sr_check_duration(L, 2);
	bool shared = lua_toboolean(L, 3);
	struct connection *connection;
	struct sr_op *op;

	sr_task_check(L, "pg.acquire");
	connection = sr_lpg_push_connection(L);
	connection->pool = pool;
	lua_pushvalue(L, 1); /* the pool lives as long as what it lends */
	lua_setiuservalue(L, -2, 1);
	connection->pg = sr_pg_pool_try(pool, shared);
	if (connection->pg)
		return 1;
	op = sr_pg_acquire_new(pool, shared);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.acquire");
	sr_pg_acquire_start(op, timeout);
	return sr_task_await(L, op, finish_acquire);
}

/* stats() → { size =, open =, lent =, connecting =, waiting =, max_lent =, timeouts =, discarded = } */
static int l_stats(lua_State *L)
{
	struct sr_pg_pool_stats stats;

	sr_pg_pool_stats(check_pool(L), &stats);
	lua_createtable(L, 0, 8);
	lua_pushinteger(L, stats.size);
	lua_setfield(L, -2, "size");
	lua_pushinteger(L, stats.open);
	lua_setfield(L, -2, "open");
	lua_pushinteger(L, stats.lent);
	lua_setfield(L, -2, "lent");
	lua_pushinteger(L, stats.connecting);
	lua_setfield(L, -2, "connecting");
	lua_pushinteger(L, stats.waiting);
	lua_setfield(L, -2, "waiting");
	lua_pushinteger(L, stats.max_lent);
	lua_setfield(L, -2, "max_lent");
	lua_pushinteger(L, (lua_Integer)stats.timeouts);
	lua_setfield(L, -2, "timeouts");
	lua_pushinteger(L, (lua_Integer)stats.discarded);
	lua_setfield(L, -2, "discarded");
	return 1;
}

static int l_close(lua_State *L)
{
	sr_pg_pool_close(check_pool(L));
	return 0;
}

static int l_gc(lua_State *L)
{
	struct pool *pool = luaL_checkudata(L, 1, POOL_META);

	sr_pg_pool_free(pool->pool);
	pool->pool = NULL;
	return 0;
}

static const luaL_Reg methods[] = {
    {"acquire", l_acquire}, {"stats", l_stats}, {"close", l_close}, {"__gc", l_gc}, {NULL, NULL},
};

void sr_lpg_open_pool_meta(lua_State *L)
{
	sr_class_register(L, POOL_META, methods, NULL);
}
