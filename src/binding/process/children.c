/* The child processes of one state. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/binding/state.h"

#include <stdlib.h>

/* How long a state that closes waits for its children, their grace included. */
#define END_TIME (30 * SR_S)

static void *make_children(struct sr_state *state)
{
	struct children *children = calloc(1, sizeof(*children));

	if (children)
		children->loop = sr_state_loop(state);
	return children;
}

static void on_closed(void *arg)
{
	((struct children *)arg)->closing--;
}

void sr_lprocess_add(struct children *children, struct child *child)
{
	child->children = children;
	child->next = children->first;
	child->prev = &children->first;
	if (child->next)
		child->next->prev = &child->next;
	children->first = child;
}

void sr_lprocess_close(struct child *child)
{
	*child->prev = child->next;
	if (child->next)
		child->next->prev = child->prev;
	child->children->closing++;
	sr_process_close(child->process, on_closed, child->children);
	child->process = NULL;
	if (!child->handled)
		free(child);
}

static void on_stopped(struct sr_op *op, int status, void *arg)
{
	(void)status;
	((struct children *)arg)->stopping--;
	sr_op_free(op);
}

static bool is_stopping(void *arg)
{
	return ((struct children *)arg)->stopping > 0;
}

static bool is_closing(void *arg)
{
	return ((struct children *)arg)->closing > 0;
}

/* A state ends: its children end, politely, all at once. */
static void drop_children(void *arg)
{
	struct children *children = arg;
	int64_t deadline = sr_now() + END_TIME;

	for (struct child *child = children->first; child; child = child->next) {
		struct sr_op *op;

		if (sr_process_status(child->process).ended)
			continue;
		op = sr_process_stop_new(child->process);
		if (!op)
			continue;
		children->stopping++;
		op->done = on_stopped;
		op->arg = children;
		sr_process_stop_start(op, -1);
	}
	sr_loop_run_while(children->loop, is_stopping, children, SR_NEVER);
	while (children->first)
		sr_lprocess_close(children->first);
	if (sr_loop_run_while(children->loop, is_closing, children, deadline) == 0)
		free(children);
}

struct children *sr_lprocess_children(lua_State *L)
{
	static const char key;

	return sr_state_slot(sr_state_of(L), &key, make_children, drop_children);
}
