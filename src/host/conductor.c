#include "scalerun/host/conductor.h"
#include "scalerun/base/log.h"
#include "scalerun/binding/task.h"
#include "scalerun/host/modules.h"
#include "scalerun/host/signals.h"

#include <lauxlib.h>
#include <stdlib.h>

#define EXIT_SCRIPT 3 /* an error in Lua code */

/* There is one conductor in a process, and its signal handler has no argument. */
static struct {
	struct sr_loop *loop;
	struct sr_state *state;
	struct sr_task *main; /* NULL once it has ended */
	int handler;          /* registry reference of signal.on's function */
	int exit_status;
} conductor = {.handler = LUA_NOREF};

static void ignore_end(void *arg, enum sr_task_end how, lua_State *L, int nvalues)
{
	(void)arg;
	(void)nvalues;
	if (how == SR_TASK_RAISED)
		sr_log(SR_LOG_ERROR, "the signal handler failed: %s", luaL_tolstring(L, -1, NULL));
}

static void on_signal(int number)
{
	lua_State *L = sr_state_lua(conductor.state);

	if (conductor.handler == LUA_NOREF) {
		if (conductor.main)
			sr_task_cancel(conductor.main);
		return;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, conductor.handler);
	lua_pushinteger(L, number);
	sr_task_spawn(conductor.state, L, 1, ignore_end, NULL);
}

/* on(fn or nil) */
static int l_on(lua_State *L)
{
	if (!lua_isnoneornil(L, 1))
		luaL_checktype(L, 1, LUA_TFUNCTION);
	luaL_unref(L, LUA_REGISTRYINDEX, conductor.handler);
	conductor.handler = LUA_NOREF;
	if (lua_isfunction(L, 1)) {
		lua_settop(L, 1);
		conductor.handler = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	return 0;
}

/* received() → the first signal's number, or nil */
static int l_received(lua_State *L)
{
	int number = sr_signals_received();

	if (!number)
		return 0;
	lua_pushinteger(L, number);
	return 1;
}

/* forget(): the next signal counts as the first again, so that it does not end the process at once */
static int l_forget(lua_State *L)
{
	(void)L;
	sr_signals_forget();
	return 0;
}

int sr_open_core_signal(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"on", l_on}, {"received", l_received}, {"forget", l_forget}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}

static void on_main_ended(void *arg, enum sr_task_end how, lua_State *L, int nvalues)
{
	int number = sr_signals_received();

	(void)arg;
	conductor.main = NULL;
	if (how == SR_TASK_RETURNED && nvalues > 0 && lua_isinteger(L, -nvalues)) {
		conductor.exit_status = (int)lua_tointeger(L, -nvalues);
	} else if (number) {
		conductor.exit_status = 128 + number;
	} else {
		conductor.exit_status = EXIT_SCRIPT;
		sr_log(SR_LOG_ERROR, "%s",
		       how == SR_TASK_RAISED ? luaL_tolstring(L, -1, NULL) : "the command line returned no status");
	}
	sr_loop_stop(conductor.loop);
}

/* In a protected call: pushes scalerun.cli's main and its argument. */
static int push_main(lua_State *L)
{
	const struct sr_conductor_options *options = lua_touserdata(L, 1);

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, sr_open_core_crew);
	lua_setfield(L, -2, "scalerun.core.crew");
	lua_pushcfunction(L, sr_open_core_signal);
	lua_setfield(L, -2, "scalerun.core.signal");
	lua_pushcfunction(L, sr_open_core_terminal);
	lua_setfield(L, -2, "scalerun.core.terminal");
	lua_pushcfunction(L, sr_open_core_editor);
	lua_setfield(L, -2, "scalerun.core.editor");
	lua_getglobal(L, "require");
	lua_pushliteral(L, "scalerun.cli");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "main");
	lua_createtable(L, options->argc, 0);
	for (int i = 0; i < options->argc; i++) {
		lua_pushstring(L, options->argv[i]);
		lua_rawseti(L, -2, i + 1);
	}
	return 2;
}

static int start_main(const struct sr_conductor_options *options, struct sr_error *err)
{
	struct sr_state_options state_options = {
	    .loop = conductor.loop,
	    .name = "conductor",
	    .lua_path = options->lua_path,
	};
	lua_State *L;
	int rc = sr_state_new(&conductor.state, &state_options, err);

	if (rc)
		return rc;
	L = sr_state_lua(conductor.state);
	lua_pushcfunction(L, push_main);
	lua_pushlightuserdata(L, (void *)options);
	rc = sr_state_pcall(conductor.state, 1, 2, err);
	if (rc)
		return rc;
	conductor.main = sr_task_spawn(conductor.state, L, 1, on_main_ended, NULL);
	return conductor.main ? 0 : sr_fail(err, SR_ENOMEM, "start", "out of memory");
}

int sr_conductor_run(const struct sr_conductor_options *options)
{
	struct sr_error err;
	int rc;

	conductor.exit_status = EXIT_SCRIPT;
	rc = sr_loop_new(&conductor.loop, &err);
	if (!rc)
		rc = sr_signals_start(conductor.loop, on_signal, &err);
	if (!rc) {
		rc = start_main(options, &err);
		if (!rc)
			sr_loop_run(conductor.loop);
		sr_state_free(conductor.state);
		sr_signals_stop();
		sr_loop_free(conductor.loop);
	}
	if (rc)
		sr_log(SR_LOG_ERROR, "%s", err.text);
	return conductor.exit_status;
}
