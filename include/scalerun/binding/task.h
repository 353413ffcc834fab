/* Tasks: coroutines that wait for ops. The one place that resumes and yields.
 *
 * A module's function that waits looks like this:
 *
 *   static int finish(lua_State *L, struct sr_op *op)   // pushes the results; runs in the task
 *   {
 *           if (op->status < 0) return sr_push_failure(L, &op->err);   // nil, error
 *           … push results from op …                                    // may raise: op is freed anyway
 *           return 1;
 *   }
 *   static int l_get(lua_State *L)
 *   {
 *           … check every argument first (may raise) …
 *           sr_task_check(L, "http.get");                // raises where waiting is impossible
 *           struct sr_http_op *op = sr_http_op_new(…);   // from here on nothing raises
 *           sr_http_start(op, …);
 *           return sr_task_await(L, &op->op, finish);    // the last statement, always
 *   }
 */
#ifndef SCALERUN_BINDING_TASK_H
#define SCALERUN_BINDING_TASK_H

#include "scalerun/binding/state.h"
#include "scalerun/loop/op.h"

struct sr_task;

/* Raises a Lua error that names `what` unless the caller runs in a task that may wait (not at a
 * module's top level, not inside a coroutine of the script's own, not across a C call). */
void sr_task_check(lua_State *L, const char *what);

typedef int sr_task_finish_fn(lua_State *L, struct sr_op *op);

/* Suspends the task until op completes, then calls finish in it (its results are the results of the
 * function) and frees op, also when finish raises or the task was cancelled. Takes over op->done. An
 * op that already finished is waited for all the same. Only as `return sr_task_await(…)`. */
int sr_task_await(lua_State *L, struct sr_op *op, sr_task_finish_fn *finish);

enum sr_task_end { SR_TASK_RETURNED, SR_TASK_RAISED, SR_TASK_CANCELLED };

/* Called once when the task has ended, from the loop's completion step. RETURNED: nvalues results on
 * L's stack; RAISED: the error value (a string has its traceback appended) on top. The values are
 * popped by the caller. L is the task's own coroutine. */
typedef void sr_task_fn(void *arg, enum sr_task_end how, lua_State *L, int nvalues);

/* Starts a task with the function and nargs arguments on top of L's stack (popped). It first runs in
 * the loop's completion step, never inside this call. NULL: no memory. */
struct sr_task *sr_task_spawn(struct sr_state *state, lua_State *L, int nargs, sr_task_fn *ended, void *arg);

/* Asks the task to end: its op is cancelled and the wait raises an error of kind "cancel", once, so that
 * pending __close and handlers run and may themselves wait. ended is called as for any task that raised
 * (or returned, where the script caught the error); with CANCELLED where it had not begun to run. */
void sr_task_cancel(struct sr_task *task);
void sr_task_cancel_all(struct sr_state *state);

/* Ends every task without asking the script: ops are cancelled, pending __close run but cannot wait, then
 * ended(CANCELLED). Not for the running task. */
void sr_task_kill_all(struct sr_state *state);

unsigned sr_task_count(const struct sr_state *state);

/* The task that runs now in L, or NULL. */
struct sr_task *sr_task_current(lua_State *L);

/* The running task begins an iteration. muted: what it measures and records does not count, nor what tasks
 * that it spawns do. scheduled: when it should have begun (sr_now() time), which is when its first op should
 * have; 0 where nobody said. */
void sr_task_iteration(lua_State *L, int64_t scheduled, bool muted);

bool sr_task_muted(lua_State *L);

/* When an op that started then should have: the iteration's instant for the first that each taker asks for,
 * `started` for all others. */
enum sr_taker { SR_TAKER_METRICS, SR_TAKER_HISTORY, SR_TAKERS };
int64_t sr_task_scheduled(lua_State *L, enum sr_taker taker, int64_t started);

#endif
