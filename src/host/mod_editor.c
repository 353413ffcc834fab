/* scalerun.core.editor: lines from whoever sits at standard input. */
#include "scalerun/binding/error.h"
#include "scalerun/binding/task.h"
#include "scalerun/host/editor.h"
#include "scalerun/host/modules.h"

#include <lauxlib.h>

/* One for each state that asks: the conductor. */
struct holder {
	struct sr_state *state;
	struct sr_editor *editor; /* NULL until open was called */
	int complete;             /* registry reference of the function */
};

static const char slot_key;

static void *make(struct sr_state *state)
{
	lua_State *L = sr_state_lua(state);
	struct holder *holder = lua_newuserdatauv(L, sizeof(*holder), 0);

	luaL_ref(L, LUA_REGISTRYINDEX); /* for as long as the state lives */
	*holder = (struct holder){.state = state, .complete = LUA_NOREF};
	return holder;
}

static void drop(void *arg)
{
	struct holder *holder = arg;

	sr_editor_close(holder->editor);
	holder->editor = NULL;
}

static struct holder *holder_of(lua_State *L)
{
	return sr_state_slot(sr_state_of(L), &slot_key, make, drop);
}

static void put(lua_State *L, int idx, struct sr_buf *buf)
{
	size_t len;
	const char *text = lua_tolstring(L, idx, &len);

	if (text)
		sr_buf_append(buf, text, len);
}

static void complete(void *arg, const char *text, struct sr_buf *insert, struct sr_buf *listing)
{
	struct holder *holder = arg;
	lua_State *L = sr_state_lua(holder->state);
	struct sr_error err;

	lua_rawgeti(L, LUA_REGISTRYINDEX, holder->complete);
	lua_pushstring(L, text);
	if (sr_state_pcall(holder->state, 1, 2, &err))
		return; /* nothing is completed */
	put(L, -2, insert);
	put(L, -1, listing);
	lua_pop(L, 2);
}

/* open{ history = path or nil, complete = function(text) → insert, listing } → true, or nil, error */
static int l_open(lua_State *L)
{
	struct holder *holder = holder_of(L);
	struct sr_editor_options options = {.loop = sr_state_loop(holder->state), .complete = complete, .arg = holder};
	struct sr_error err;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_getfield(L, 1, "history");
	options.history = luaL_optstring(L, -1, NULL);
	lua_getfield(L, 1, "complete");
	luaL_checktype(L, -1, LUA_TFUNCTION);
	if (holder->editor)
		return luaL_error(L, "editor.open: it is open already");
	holder->complete = luaL_ref(L, LUA_REGISTRYINDEX);
	if (sr_editor_open(&holder->editor, &options, &err))
		return sr_push_failure(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

static int push_line(lua_State *L, struct sr_op *op)
{
	static const char *const outcomes[] = {
	    [SR_EDITOR_LINE] = "line", [SR_EDITOR_INTERRUPTED] = "interrupted", [SR_EDITOR_END] = "end"};
	const char *text;
	size_t len;

	if (op->status < 0)
		return sr_push_failure(L, &op->err);
	lua_pushstring(L, outcomes[sr_editor_result(op, &text, &len)]);
	lua_pushlstring(L, text, len);
	return 2;
}

/* read(prompt) → "line", text; "interrupted"; "end"; or nil, error. Waits. */
static int l_read(lua_State *L)
{
	struct holder *holder = holder_of(L);
	const char *prompt = luaL_checkstring(L, 1);
	struct sr_error err;
	struct sr_op *op;

	if (!holder->editor)
		return luaL_error(L, "editor.read: it is not open");
	sr_task_check(L, "editor.read");
	op = sr_editor_read(holder->editor, prompt, &err);
	return op ? sr_task_await(L, op, push_line) : sr_push_failure(L, &err);
}

int sr_open_core_editor(lua_State *L)
{
	static const luaL_Reg functions[] = {{"open", l_open}, {"read", l_read}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
