/* What the files of scalerun.core.history share. */
#ifndef SR_BINDING_HISTORY_PRIVATE_H
#define SR_BINDING_HISTORY_PRIVATE_H

#include "scalerun/base/buf.h"
#include "scalerun/binding/history.h"
#include "scalerun/engine/history_check.h"

#include <lauxlib.h>
#include <lua.h>

/* Several histories as one value; what is read from it lives as long as it does. */
struct history_set {
	int count;
	const struct sr_history *parts[];
};

struct sr_history *sr_lhist_check(lua_State *L, int arg);
const struct history_set *sr_lhist_check_set(lua_State *L, int arg);

/* The query that the table at arg (or nil, none) makes of the set at 1: kind, f, key, project, phase, arm, replica. The
 * strings are the table's. */
void sr_lhist_query(lua_State *L, int arg, struct sr_history_query *query);

/* Pushes an op as a table; times in seconds. */
void sr_lhist_push_op(lua_State *L, const struct sr_history_op *op);

/* Appends the value at idx as JSON, nothing for nil. What takes more than SR_HISTORY_TEXT_MAX is told by its size and
 * hash. Raises what JSON cannot say; `what` names it. */
void sr_lhist_encode(lua_State *L, int idx, const char *what, struct sr_buf *buf);

int sr_lhist_record(lua_State *L); /* record.c */
int sr_lhist_op(lua_State *L);
int sr_lhist_take(lua_State *L);
int sr_lhist_secret(lua_State *L);
int sr_lhist_hash(lua_State *L);
void sr_lhist_register_set(lua_State *L); /* set.c */
int sr_lhist_new_set(lua_State *L);

void sr_lhist_register_file(lua_State *L); /* files.c */
int sr_lhist_append(lua_State *L);
int sr_lhist_open(lua_State *L);
int sr_lhist_read(lua_State *L);
int sr_lhist_write(lua_State *L);

int sr_lhist_unique(lua_State *L); /* checks.c */
int sr_lhist_sequence(lua_State *L);
int sr_lhist_order(lua_State *L);
int sr_lhist_markers(lua_State *L);
int sr_lhist_reads(lua_State *L);
int sr_lhist_lost_writes(lua_State *L);
int sr_lhist_timeline(lua_State *L);
int sr_lhist_span(lua_State *L);

#endif
