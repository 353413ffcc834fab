/* A jansson value in the hands of a Lua state. */
#ifndef SCALERUN_BINDING_JSON_TREE_H
#define SCALERUN_BINDING_JSON_TREE_H

#include <jansson.h>
#include <lua.h>

/* Pushes a userdata that owns *tree (NULL so far), so that a Lua error does not leak it. */
json_t **sr_json_push_tree(lua_State *L);

/* Frees *tree now: the collector does not see how large it is. */
void sr_json_drop_tree(json_t **tree);

#endif
