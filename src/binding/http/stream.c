/* Bodies that scripts read as they arrive. Each belongs to a userdata; those that are still open when the state
 * ends are closed before the connections are. */
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/args.h"
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"
#include "scalerun/engine/http_body.h"

#include <lauxlib.h>
#include <stdlib.h>

#define META    "scalerun.http.body"
#define READING "http.read"
#define TIMEOUT (30 * SR_S)

struct stream {
	struct sr_http_body *body; /* NULL once closed */
	struct stream *next, **prev;
};

/* The open ones of a state. */
struct streams {
	struct stream *first;
};

static char streams_key;

static void *make_streams(struct sr_state *state)
{
	(void)state;
	return calloc(1, sizeof(struct streams));
}

static void close_stream(struct stream *stream)
{
	if (!stream->body)
		return;
	*stream->prev = stream->next;
	if (stream->next)
		stream->next->prev = stream->prev;
	sr_http_body_close(stream->body);
	stream->body = NULL;
}

static void drop_streams(void *arg)
{
	struct streams *streams = arg;

	while (streams->first)
		close_stream(streams->first);
	free(streams);
}

int sr_http_push_stream(lua_State *L, struct sr_http_op *op, int meta)
{
	/* Made after the slot of the connections, which therefore outlives this one. */
	struct streams *streams = sr_state_slot(sr_state_of(L), &streams_key, make_streams, drop_streams);
	struct stream *stream;

	if (!streams)
		return luaL_error(L, "http.stream: out of memory");
	sr_http_push_response(L, &op->response, meta);
	stream = lua_newuserdatauv(L, sizeof(*stream), 0);
	stream->body = NULL;
	luaL_setmetatable(L, META);
	stream->body = sr_http_body_take(op);
	stream->prev = &streams->first;
	stream->next = streams->first;
	if (stream->next)
		stream->next->prev = &stream->next;
	streams->first = stream;
	return 2;
}

static int finish(lua_State *L, struct sr_op *op)
{
	const struct stream *stream = lua_touserdata(L, 1);
	const char *data;
	size_t len;

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	if (stream->body && sr_http_body_next(stream->body, &data, &len))
		lua_pushlstring(L, data, len);
	else
		lua_pushnil(L);
	return 1;
}

/* body:read([timeout]) → bytes that have come, nil at the body's end, or nil, error */
static int l_read(lua_State *L)
{
	struct stream *stream = luaL_checkudata(L, 1, META);
	int64_t timeout = lua_isnoneornil(L, 2) ? TIMEOUT : sr_check_duration(L, 2);
	struct sr_error err;
	struct sr_op *op;

	lua_settop(L, 1);
	sr_task_check(L, READING);
	if (!stream->body) {
		sr_fail(&err, SR_ESTATE, READING, "the stream is closed");
		return sr_push_failure(L, &err);
	}
	op = sr_http_body_read(stream->body, timeout);
	if (!op) {
		sr_fail(&err, SR_ESTATE, READING, "another task is reading this stream: one at a time");
		return sr_push_failure(L, &err);
	}
	return sr_task_await(L, op, finish);
}

static int l_close(lua_State *L)
{
	close_stream(luaL_checkudata(L, 1, META));
	return 0;
}

static const luaL_Reg methods[] = {{"read", l_read}, {"close", l_close}, {NULL, NULL}};

void sr_http_stream_open(lua_State *L)
{
	luaL_newmetatable(L, META);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, l_close);
	lua_setfield(L, -2, "__gc");
	lua_pushcfunction(L, l_close);
	lua_setfield(L, -2, "__close");
	lua_pop(L, 1);
}
