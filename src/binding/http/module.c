/* scalerun.core.http */
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/metrics.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/task.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_META "scalerun.http.client"
#define POOLS_MAX   16
#define SERIES      "http" /* where requests without a name are counted */

/* Where a request's values stand on the stack, from its start to its end. */
enum place { CLIENT = 1, METHOD, URL, OPTIONS, NAME, EXPECTED, PLACES = EXPECTED };

/* The connections of one state: clients with the same limits share them. */
struct pool {
	struct sr_http_client *client;
	unsigned max_connections;
	int64_t idle_timeout;
};

struct pools {
	struct pool pools[POOLS_MAX];
	unsigned count;
};

/* Upvalues of l_request, which its continuation sees too. */
enum upvalue { OPTION_NAMES = 1, RESPONSE_META };

static char pools_key;

static void *make_pools(struct sr_state *state)
{
	(void)state;
	return calloc(1, sizeof(struct pools));
}

static void drop_pools(void *arg)
{
	struct pools *pools = arg;

	for (unsigned i = 0; i < pools->count; i++)
		sr_http_client_free(pools->pools[i].client);
	free(pools);
}

static int find_pool(struct sr_state *state, unsigned max_connections, int64_t idle_timeout,
		     struct sr_http_client **client, struct sr_error *err)
{
	struct sr_http_options options = {.max_connections = max_connections, .idle_timeout = idle_timeout};
	struct pools *pools = sr_state_slot(state, &pools_key, make_pools, drop_pools);
	struct pool *pool;
	int rc;

	if (!pools)
		return sr_fail(err, SR_ENOMEM, "http", "out of memory");
	for (unsigned i = 0; i < pools->count; i++) {
		pool = &pools->pools[i];
		if (pool->max_connections == max_connections && pool->idle_timeout == idle_timeout) {
			*client = pool->client;
			return 0;
		}
	}
	if (pools->count == POOLS_MAX)
		return sr_fail(err, SR_ELIMIT, "http.client",
			       "more than %d different pairs of max_connections and idle_timeout", POOLS_MAX);
	rc = sr_http_client_new(client, sr_state_loop(state), &options, err);
	if (rc == 0)
		pools->pools[pools->count++] = (struct pool){*client, max_connections, idle_timeout};
	return rc;
}

/* What scripts hold of http.client{…}. User values: its option strings, its name, what it expects. */
struct client {
	struct sr_http_client *pool;
	struct sr_http_ask ask;
};

static int l_client(lua_State *L)
{
	static const char where[] = "http.client";
	struct client *client;
	struct sr_error err;
	int top;

	lua_settop(L, 1);
	client = lua_newuserdatauv(L, sizeof(*client), 3);
	lua_pushnil(L);
	lua_pushnil(L);
	sr_http_ask_init(&client->ask);
	sr_http_options_read(L, 1, SR_HTTP_FORM_CLIENT, where, &client->ask, 3);
	if (client->ask.base_url_len > 0 && client->ask.base_url[client->ask.base_url_len - 1] == '/')
		client->ask.base_url_len--;
	/* The strings live as long as the client, whatever becomes of the table they came from: names of headers
	 * are among its keys, so both are kept. */
	top = lua_gettop(L);
	lua_createtable(L, top, SR_HTTP_HEADERS_MAX);
	for (int i = 5; i <= top; i++) {
		lua_pushvalue(L, i);
		lua_rawseti(L, -2, i - 4);
		if (!lua_istable(L, i))
			continue;
		lua_pushnil(L);
		while (lua_next(L, i)) {
			lua_pop(L, 1);
			lua_pushvalue(L, -1);
			lua_pushboolean(L, 1);
			lua_rawset(L, -4);
		}
	}
	lua_setiuservalue(L, 2, 1);
	lua_pushvalue(L, 3);
	lua_setiuservalue(L, 2, 2);
	lua_pushvalue(L, 4);
	lua_setiuservalue(L, 2, 3);
	if (find_pool(sr_state_of(L), client->ask.max_connections, client->ask.idle_timeout, &client->pool, &err))
		return sr_push_failure(L, &err);
	lua_settop(L, 2);
	luaL_setmetatable(L, CLIENT_META);
	return 1;
}

static bool expected(lua_State *L, int status)
{
	bool found = false;

	if (lua_isnil(L, EXPECTED))
		return status >= 200 && status < 400;
	if (lua_isinteger(L, EXPECTED))
		return lua_tointeger(L, EXPECTED) == status;
	for (lua_Integer i = 1; !found && lua_rawgeti(L, EXPECTED, i) != LUA_TNIL; i++) {
		found = lua_tointeger(L, -1) == status;
		lua_pop(L, 1);
	}
	lua_settop(L, PLACES);
	return found;
}

/* One observation in the metrics that are the state's now, which need not be those of the start. */
static void record(lua_State *L, const struct sr_http_op *http)
{
	const char *name = lua_isnil(L, NAME) ? SERIES : lua_tostring(L, NAME);
	int series = sr_metrics_series(sr_metrics_of(L), name);
	const char *kind = NULL;
	char status[16];

	if (series < 0)
		luaL_error(L, "http: too many different names; '%s' would be another (names must not carry ids)", name);
	if (http->op.status < 0) {
		kind = sr_code_name(http->op.err.code);
	} else if (!expected(L, http->response.status)) {
		snprintf(status, sizeof(status), "http %d", http->response.status);
		kind = status;
	}
	sr_record(L, series, http->op.started, http->op.ended, kind);
}

static int fail(lua_State *L, const struct sr_error *err)
{
	const char *project = sr_state_name(sr_state_of(L));

	sr_push_failure(L, err);
	if (!lua_isnil(L, NAME)) {
		lua_pushvalue(L, NAME);
		lua_setfield(L, -2, "operation");
	}
	if (strcmp(project, "conductor") != 0) {
		lua_pushstring(L, project);
		lua_setfield(L, -2, "project");
	}
	return 2;
}

static int finish(lua_State *L, struct sr_op *op)
{
	const struct sr_http_op *http = (struct sr_http_op *)op;

	record(L, http);
	if (op->status < 0)
		return fail(L, &op->err);
	sr_http_push_response(L, &http->response, lua_upvalueindex(RESPONSE_META));
	return 1;
}

/* "http.get" for GET: how the script called it, as far as that can be told. */
static const char *function_name(const char *method)
{
	static const char *const names[][2] = {{"GET", "http.get"},   {"POST", "http.post"},
					       {"PUT", "http.put"},   {"DELETE", "http.delete"},
					       {"HEAD", "http.head"}, {"PATCH", "http.patch"}};

	for (size_t i = 0; method && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(method, names[i][0]) == 0)
			return names[i][1];
	return "http.request";
}

/* The client's base_url and the path in one, in `joined` or as a string on the stack. */
static void join_url(lua_State *L, const char *where, struct sr_http_ask *ask, char *joined, size_t size)
{
	struct sr_http_request *request = &ask->request;
	size_t len = ask->base_url_len + request->url_len;

	if (request->url_len > 0 && request->url[0] != '/' && request->url[0] != '?')
		sr_http_raise(L, where, "with base_url the path must begin with '/', unlike '%.60s'", request->url);
	if (len <= size) {
		memcpy(joined, ask->base_url, ask->base_url_len);
		memcpy(joined + ask->base_url_len, request->url, request->url_len);
		request->url = joined;
	} else {
		lua_pushlstring(L, ask->base_url, ask->base_url_len);
		lua_pushlstring(L, request->url, request->url_len);
		lua_concat(L, 2);
		request->url = lua_tostring(L, -1);
	}
	request->url_len = len;
}

/* Checks the arguments and starts the request; they are below PLACES afterwards. 0, or the number of results
 * that say why not. Raises what the script has got wrong. */
static int begin(lua_State *L, bool stream, struct sr_http_op **op)
{
	const struct client *client = NULL;
	struct sr_http_client *pool;
	struct sr_http_ask ask;
	struct sr_error err;
	bool whole = lua_istable(L, METHOD);
	const char *where = stream ? "http.stream" : whole ? "http.request" : function_name(lua_tostring(L, METHOD));
	char joined[1024];

	if (whole) {
		lua_settop(L, METHOD);
		lua_pushnil(L);
		lua_pushvalue(L, METHOD);
	}
	lua_settop(L, OPTIONS);
	if (lua_isnil(L, CLIENT)) {
		sr_http_ask_init(&ask);
		lua_settop(L, PLACES);
		if (find_pool(sr_state_of(L), 0, 0, &pool, &err))
			return sr_push_failure(L, &err);
	} else {
		client = luaL_checkudata(L, CLIENT, CLIENT_META);
		sr_http_ask_copy(&ask, &client->ask);
		lua_getiuservalue(L, CLIENT, 2);
		lua_getiuservalue(L, CLIENT, 3);
		pool = client->pool;
	}
	if (!whole) {
		if (lua_type(L, METHOD) != LUA_TSTRING)
			sr_http_raise(L, where, "the method must be a string such as \"GET\", not %s",
				      luaL_typename(L, METHOD));
		if (lua_type(L, URL) != LUA_TSTRING)
			sr_http_raise(L, where, "the URL must be a string, not %s", luaL_typename(L, URL));
		ask.request.method = lua_tostring(L, METHOD);
		ask.request.url = lua_tolstring(L, URL, &ask.request.url_len);
	}
	if (!lua_isnil(L, OPTIONS))
		sr_http_options_read(L, OPTIONS, whole ? SR_HTTP_FORM_WHOLE : SR_HTTP_FORM_OPTIONS, where, &ask, NAME);
	if (!ask.request.url)
		sr_http_raise(L, where, "the option 'url' is missing");
	if (ask.base_url)
		join_url(L, where, &ask, joined, sizeof(joined));
	ask.request.headers = ask.headers;
	ask.request.header_count = ask.header_count;
	ask.request.stream = stream;

	sr_task_check(L, where);
	*op = sr_http_op_new(pool);
	if (!*op) {
		sr_fail(&err, SR_ENOMEM, where, "out of memory");
		return sr_push_failure(L, &err);
	}
	sr_http_start(*op, &ask.request);
	lua_settop(L, PLACES); /* the request has been copied */
	return 0;
}

/* request(client or nil, method, url, options or nil) → response, or nil, error
 * request(client or nil, options) */
static int l_request(lua_State *L)
{
	struct sr_http_op *op;
	int failure = begin(L, false, &op);

	return failure ? failure : sr_task_await(L, &op->op, finish);
}

static int push_stream(lua_State *L, struct sr_op *op)
{
	return sr_http_push_stream(L, (struct sr_http_op *)op, lua_upvalueindex(RESPONSE_META));
}

static int finish_stream(lua_State *L, struct sr_op *op)
{
	record(L, (struct sr_http_op *)op);
	return op->status < 0 ? fail(L, &op->err) : push_stream(L, op);
}

static int finish_uncounted(lua_State *L, struct sr_op *op)
{
	return op->status < 0 ? fail(L, &op->err) : push_stream(L, op);
}

/* stream(client or nil, method, url, options or nil [, uncounted]) → response, body, or nil, error
 * The response has no body of its own; uncounted: the metrics are the caller's business. */
static int l_stream(lua_State *L)
{
	bool uncounted = lua_toboolean(L, OPTIONS + 1);
	struct sr_http_op *op;
	int failure;

	failure = begin(L, true, &op);
	return failure ? failure : sr_task_await(L, &op->op, uncounted ? finish_uncounted : finish_stream);
}

/* stats(client or nil) → what its connections did; clients with the same limits share them */
static int l_stats(lua_State *L)
{
	struct sr_http_client *pool;
	struct sr_http_stats stats;
	struct sr_error err;

	if (lua_isnoneornil(L, 1)) {
		if (find_pool(sr_state_of(L), 0, 0, &pool, &err))
			return sr_push_failure(L, &err);
	} else {
		pool = ((struct client *)luaL_checkudata(L, 1, CLIENT_META))->pool;
	}
	sr_http_client_stats(pool, &stats);
	lua_createtable(L, 0, 6);
	lua_pushinteger(L, stats.open);
	lua_setfield(L, -2, "open");
	lua_pushinteger(L, stats.idle);
	lua_setfield(L, -2, "idle");
	lua_pushinteger(L, stats.waiting);
	lua_setfield(L, -2, "waiting");
	lua_pushinteger(L, (lua_Integer)stats.dialled);
	lua_setfield(L, -2, "dialled");
	lua_pushinteger(L, (lua_Integer)stats.reused);
	lua_setfield(L, -2, "reused");
	lua_pushinteger(L, (lua_Integer)stats.discarded);
	lua_setfield(L, -2, "discarded");
	return 1;
}

int sr_open_core_http(lua_State *L)
{
	luaL_newmetatable(L, CLIENT_META);
	lua_pop(L, 1);
	lua_createtable(L, 0, 4);
	sr_http_options_push(L);
	sr_http_response_open(L);
	lua_insert(L, -2);
	lua_setfield(L, -4, "response"); /* the methods of responses */
	lua_pushvalue(L, -2);
	lua_pushcclosure(L, l_client, 1);
	lua_setfield(L, -4, "client");
	lua_pushvalue(L, -2);
	lua_pushvalue(L, -2);
	lua_pushcclosure(L, l_stream, RESPONSE_META);
	lua_setfield(L, -4, "stream");
	lua_pushcclosure(L, l_request, RESPONSE_META);
	lua_setfield(L, -2, "request");
	lua_pushcfunction(L, l_stats);
	lua_setfield(L, -2, "stats");
	sr_http_stream_open(L);
	return 1;
}
