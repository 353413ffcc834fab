/* Tasks: waiting, errors, cancellation and clean-up that waits, without any script library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/binding/task.h"
#include "scalerun/loop/loop.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static struct sr_loop *loop;
static struct sr_state *lua;

static struct {
	int ended;
	enum sr_task_end how;
	char text[2048]; /* the first value, as text */
} seen;

static int set_up(void **state)
{
	struct sr_state_options options = {.name = "test", .seed = 1};
	struct sr_error err;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(sr_loop_new(&loop, &err), 0);
	options.loop = loop;
	if (sr_state_new(&lua, &options, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sr_state_free(lua);
	sr_loop_free(loop);
	return 0;
}

static void on_ended(void *arg, enum sr_task_end how, lua_State *L, int nvalues)
{
	(void)arg;
	seen.ended++;
	seen.how = how;
	if (nvalues)
		snprintf(seen.text, sizeof(seen.text), "%s", luaL_tolstring(L, -nvalues, NULL));
}

static bool running(void *arg)
{
	(void)arg;
	return sr_task_count(lua) > 0;
}

static struct sr_task *start(const char *chunk)
{
	lua_State *L = sr_state_lua(lua);

	if (luaL_loadstring(L, chunk) != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
	return sr_task_spawn(lua, L, 0, on_ended, NULL);
}

static void run(const char *chunk)
{
	start(chunk);
	assert_int_equal(seen.ended, 0);
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 10 * SR_S), 0);
	assert_int_equal(seen.ended, 1);
}

#define TIME "local time = require 'scalerun.core.time' local task = require 'scalerun.core.task' "

static void a_task_waits_and_returns(void **state)
{
	(void)state;
	run(TIME "assert(time.sleep(0.001)) assert(time.sleep('1ms')) return 'done'");
	assert_int_equal(seen.how, SR_TASK_RETURNED);
	assert_string_equal(seen.text, "done");
}

static void an_error_carries_its_traceback(void **state)
{
	(void)state;
	run(TIME "local function deep() time.sleep(0) error('broken') end deep() return 1");
	assert_int_equal(seen.how, SR_TASK_RAISED);
	assert_non_null(strstr(seen.text, "broken"));
}

static void tasks_run_side_by_side(void **state)
{
	(void)state;
	run(TIME
	    "local log = {} "
	    "local function walk(name) for i = 1, 2 do log[#log + 1] = name .. i coroutine.yield() end return name end "
	    "local a, b = task.spawn(walk, 'a'), task.spawn(walk, 'b') "
	    "local ok, name = a:join() assert(ok and name == 'a') assert(b:join()) assert(a:done()) "
	    "return table.concat(log, ' ')");
	assert_string_equal(seen.text, "a1 b1 a2 b2");
}

static void a_join_hands_over_the_error(void **state)
{
	(void)state;
	run(TIME "local t = task.spawn(function() error({ kind = 'mine' }) end) local ok, err = t:join() "
		 "return tostring(ok) .. err.kind .. type(err.traceback)");
	assert_string_equal(seen.text, "falseminestring");
}

static void cancelling_raises_once_and_clean_up_may_wait(void **state)
{
	struct sr_task *task;

	(void)state;
	task =
	    start(TIME "local closed = setmetatable({}, { __close = function() time.sleep(0.001) cleaned = true end }) "
		       "local guard <close> = closed time.sleep(3600)");
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 5 * SR_MS), -SR_ETIMEOUT);
	sr_task_cancel(task);
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 10 * SR_S), 0);
	assert_int_equal(seen.ended, 1);
	assert_int_equal(seen.how, SR_TASK_RAISED);
	assert_non_null(strstr(seen.text, "cancelled"));
	lua_getglobal(sr_state_lua(lua), "cleaned");
	assert_true(lua_toboolean(sr_state_lua(lua), -1));
	lua_pop(sr_state_lua(lua), 1);
}

static void a_task_that_never_ran_is_cancelled_without_running(void **state)
{
	struct sr_task *task;

	(void)state;
	task = start("ran = true");
	sr_task_cancel(task);
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 10 * SR_S), 0);
	assert_int_equal(seen.how, SR_TASK_CANCELLED);
	lua_getglobal(sr_state_lua(lua), "ran");
	assert_true(lua_isnil(sr_state_lua(lua), -1));
	lua_pop(sr_state_lua(lua), 1);
}

static void killing_ends_tasks_that_swallow_their_cancellation(void **state)
{
	(void)state;
	start(TIME "while true do pcall(function() time.sleep(3600) end) end");
	start(TIME "while true do coroutine.yield() end");
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 5 * SR_MS), -SR_ETIMEOUT);
	sr_task_cancel_all(lua);
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 5 * SR_MS), -SR_ETIMEOUT);
	sr_task_kill_all(lua);
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 10 * SR_S), 0);
	assert_int_equal(seen.ended, 2);
	assert_int_equal(seen.how, SR_TASK_CANCELLED);
}

static void waiting_is_refused_where_it_cannot_work(void **state)
{
	(void)state;
	run(TIME "local ok, err = pcall(coroutine.wrap(function() time.sleep(0) end)) return err");
	assert_non_null(strstr(seen.text, "coroutine of the script's own"));
	memset(&seen, 0, sizeof(seen));
	run(TIME "local ok, err = pcall(string.gsub, 'x', 'x', function() time.sleep(0) end) return err");
	assert_non_null(strstr(seen.text, "callback of a C function"));
}

static void freeing_a_state_ends_its_tasks(void **state)
{
	(void)state;
	start(TIME "time.sleep(3600)");
	assert_int_equal(sr_loop_run_while(loop, running, NULL, sr_now() + 5 * SR_MS), -SR_ETIMEOUT);
	sr_state_free(lua);
	lua = NULL;
	assert_int_equal(seen.ended, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_task_waits_and_returns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_error_carries_its_traceback, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tasks_run_side_by_side, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_join_hands_over_the_error, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(cancelling_raises_once_and_clean_up_may_wait, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_task_that_never_ran_is_cancelled_without_running, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(killing_ends_tasks_that_swallow_their_cancellation, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(waiting_is_refused_where_it_cannot_work, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(freeing_a_state_ends_its_tasks, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
