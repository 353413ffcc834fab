/* Transactions: begin, commit, rollback. */
#include "private.h"

#include "scalerun/binding/args.h"
#include "scalerun/binding/class.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"

static struct transaction *check_transaction(lua_State *L)
{
	return luaL_checkudata(L, 1, TRANSACTION_META);
}

static struct transaction *push_transaction(lua_State *L, int connection)
{
	struct transaction *transaction = lua_newuserdatauv(L, sizeof *transaction, 1);

	transaction->tx = NULL;
	luaL_setmetatable(L, TRANSACTION_META);
	lua_pushvalue(L, connection);
	lua_setiuservalue(L, -2, 1);
	return transaction;
}

static int finish_begin(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	return 1; /* the transaction, pushed before the wait */
}

/* connection:begin(timeout, isolation, read_only, deferrable) → transaction, or nil, error */
int sr_lpg_begin(lua_State *L)
{
	static const char *const isolations[] = {"default",         "read uncommitted", "read committed",
						 "repeatable read", "serializable",     NULL};
	struct session session = sr_lpg_check_session(L, 1, "pg.begin");
	int64_t timeout = sr_check_duration(L, 2);
	struct sr_pg_tx_options options = {
	    .isolation = (enum sr_pg_isolation)luaL_checkoption(L, 3, "default", isolations),
	    .read_only = lua_toboolean(L, 4),
	    .deferrable = lua_toboolean(L, 5),
	};
	struct transaction *transaction;
	struct sr_op *op;

	lua_settop(L, 5);
	sr_task_check(L, "pg.begin");
	transaction = push_transaction(L, 1);
	op = sr_pg_begin_new(session.pg, &options, &transaction->tx);
	if (!op)
		return sr_lpg_out_of_memory(L, "pg.begin");
	sr_pg_start(op, NULL, timeout);
	return sr_task_await(L, op, finish_begin);
}

static int finish_end(lua_State *L, struct sr_op *op)
{
	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushboolean(L, 1);
	return 1;
}

static int end(lua_State *L, const char *what, struct sr_op *make(struct sr_pg_tx *))
{
	struct transaction *transaction = check_transaction(L);
	int64_t timeout = sr_check_duration(L, 2);
	struct sr_op *op;

	sr_lpg_check_session(L, 1, what);
	sr_task_check(L, what);
	op = make(transaction->tx);
	if (!op)
		return sr_lpg_out_of_memory(L, what);
	sr_pg_start(op, transaction->tx, timeout);
	return sr_task_await(L, op, finish_end);
}

/* commit(timeout) → true, or nil, error */
static int l_commit(lua_State *L)
{
	return end(L, "pg.commit", sr_pg_commit_new);
}

static int l_rollback(lua_State *L)
{
	return end(L, "pg.rollback", sr_pg_rollback_new);
}

/* active() → whether statements can still be run in it */
static int l_active(lua_State *L)
{
	struct transaction *transaction = check_transaction(L);

	lua_pushboolean(L, transaction->tx && sr_pg_tx_active(transaction->tx));
	return 1;
}

/* Rolled back behind the scenes where it has not ended: this cannot wait. */
static int l_close(lua_State *L)
{
	struct transaction *transaction = check_transaction(L);

	sr_pg_tx_free(transaction->tx);
	transaction->tx = NULL;
	return 0;
}

static const luaL_Reg methods[] = {
    {"commit", l_commit}, {"rollback", l_rollback}, {"active", l_active}, {"close", l_close},
    {"__gc", l_close},    {"__close", l_close},     {NULL, NULL},
};

void sr_lpg_open_transaction_meta(lua_State *L)
{
	sr_class_register(L, TRANSACTION_META, methods, sr_lpg_session_methods);
}
