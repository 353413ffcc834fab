/* Recording: what an op costs in a project's thread. */
#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_MAX ((size_t)64 << 20)

static void *make_buffer(struct sr_state *state)
{
	struct sr_buf *buf = malloc(sizeof(*buf));

	(void)state;
	if (buf)
		sr_buf_init(buf, BUFFER_MAX);
	return buf;
}

static void drop_buffer(void *buf)
{
	sr_buf_deinit(buf);
	free(buf);
}

/* One buffer a state, emptied. */
static struct sr_buf *buffer_of(lua_State *L)
{
	static const char key;
	struct sr_buf *buf = sr_state_slot(sr_state_of(L), &key, make_buffer, drop_buffer);

	if (!buf)
		luaL_error(L, "history: out of memory");
	sr_buf_clear(buf);
	return buf;
}

/* Encodes key, input and output, which stand at the stack's positions, and keeps the op, unless the task is muted. */
static void keep(lua_State *L, struct sr_history_op *op, int key, int input, int output)
{
	struct sr_buf *buf = buffer_of(L);
	size_t key_end, input_end, len = 0;
	const char *text = lua_isnoneornil(L, key) ? NULL : lua_tolstring(L, key, &len);

	if (sr_task_muted(L))
		return;
	if (sr_buf_append(buf, text, len))
		luaL_error(L, "history: the key is too long");
	key_end = buf->len;
	sr_lhist_encode(L, input, "input", buf);
	input_end = buf->len;
	sr_lhist_encode(L, output, "output", buf);
	op->key = (struct sr_text){buf->data, key_end};
	op->input = (struct sr_text){buf->data + key_end, input_end - key_end};
	op->output = (struct sr_text){buf->data + input_end, buf->len - input_end};
	sr_history_add(sr_state_history(sr_state_of(L)), op);
}

/* record(user, iteration, kind, f, key, input, output, error, replica, attempt, started, ended [, scheduled]): for
 * clients; times in nanoseconds */
int sr_lhist_record(lua_State *L)
{
	struct sr_history_op op = {
	    .user = (int32_t)luaL_optinteger(L, 1, 0),
	    .iteration = (int32_t)luaL_optinteger(L, 2, 0),
	    .kind = luaL_checkstring(L, 3),
	    .f = luaL_checkstring(L, 4),
	    .error = luaL_optstring(L, 8, ""),
	    .replica = luaL_optstring(L, 9, ""),
	    .attempt = (uint16_t)luaL_optinteger(L, 10, 1),
	    .started = luaL_checkinteger(L, 11),
	    .ended = luaL_checkinteger(L, 12),
	};

	op.scheduled = luaL_optinteger(L, 13, sr_task_scheduled(L, SR_TAKER_HISTORY, op.started));
	keep(L, &op, 5, 6, 7);
	return 0;
}

static int64_t raw_integer(lua_State *L, int idx, const char *name)
{
	int64_t value;

	lua_pushstring(L, name);
	lua_rawget(L, idx);
	value = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return value;
}

/* The field at the top, which stays there. */
static const char *text_field(lua_State *L, const char *name)
{
	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "project:op: %s must be a string, not a %s", name, luaL_typename(L, -1));
	return lua_tostring(L, -1);
}

static int64_t time_field(lua_State *L, const char *name)
{
	if (lua_type(L, -1) != LUA_TNUMBER)
		luaL_error(L, "project:op: %s must be seconds of scale.time.now(), not a %s", name,
			   luaL_typename(L, -1));
	return (int64_t)(lua_tonumber(L, -1) * (lua_Number)SR_S + 0.5);
}

/* op(project, { kind =, f =, key =, input =, output =, error =, started =, ended =, scheduled =, replica =,
 * attempt = }): seconds; unknown names are refused by the caller's check, through the first result: the name */
int sr_lhist_op(lua_State *L)
{
	struct sr_history_op op = {.attempt = 1, .kind = "", .f = "", .error = "", .replica = "", .scheduled = -1};

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_pushnil(L); /* 3 key, 4 input, 5 output */
	lua_pushnil(L);
	lua_pushnil(L);
	op.started = op.ended = sr_now();
	lua_pushnil(L);
	while (lua_next(L, 2)) {
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";

		if (strcmp(name, "kind") == 0)
			op.kind = text_field(L, name);
		else if (strcmp(name, "f") == 0)
			op.f = text_field(L, name);
		else if (strcmp(name, "key") == 0)
			lua_copy(L, -1, 3);
		else if (strcmp(name, "input") == 0)
			lua_copy(L, -1, 4);
		else if (strcmp(name, "output") == 0)
			lua_copy(L, -1, 5);
		else if (strcmp(name, "error") == 0)
			op.error = text_field(L, name);
		else if (strcmp(name, "replica") == 0)
			op.replica = text_field(L, name);
		else if (strcmp(name, "attempt") == 0)
			op.attempt = (uint16_t)luaL_checkinteger(L, -1);
		else if (strcmp(name, "started") == 0)
			op.started = time_field(L, name);
		else if (strcmp(name, "ended") == 0)
			op.ended = time_field(L, name);
		else if (strcmp(name, "scheduled") == 0)
			op.scheduled = time_field(L, name);
		else {
			lua_pop(L, 1);
			return 1; /* the key that is none */
		}
		lua_pop(L, 1);
	}
	if (!op.kind[0] || !op.f[0])
		return luaL_error(L, "project:op: kind and f are needed: { kind = \"id\", f = \"allocate\", … }");
	if (op.ended < op.started)
		return luaL_error(L, "project:op: it cannot have ended before it started");
	op.user = (int32_t)raw_integer(L, 1, "user");
	op.iteration = (int32_t)raw_integer(L, 1, "iteration");
	if (op.scheduled < 0)
		op.scheduled = sr_task_scheduled(L, SR_TAKER_HISTORY, op.started);
	keep(L, &op, 3, 4, 5);
	return 0;
}

/* take() → what this state has recorded so far; the record begins anew */
int sr_lhist_take(lua_State *L)
{
	struct sr_history *fresh = sr_history_new(sr_history_memory());

	if (!fresh)
		return luaL_error(L, "history: out of memory");
	sr_push_history(L, sr_state_take_history(sr_state_of(L), fresh));
	return 1;
}

/* secret(text): is never kept in this state's history */
int sr_lhist_secret(lua_State *L)
{
	if (sr_history_secret(sr_state_history(sr_state_of(L)), luaL_checkstring(L, 1)))
		return luaL_error(L, "history: out of memory");
	return 0;
}

/* hash(text) → 16 hexadecimal digits */
int sr_lhist_hash(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)sr_history_hash(text, len));
	lua_pushstring(L, hex);
	return 1;
}
