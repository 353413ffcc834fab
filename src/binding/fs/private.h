/* What the files of scalerun.core.fs share. */
#ifndef SR_BINDING_FS_PRIVATE_H
#define SR_BINDING_FS_PRIVATE_H

#include <lauxlib.h>
#include <lua.h>
#include <sys/types.h>

/* nil and the error "what 'path': errnum's text"; returns 2. */
int sr_lfs_push_errno(lua_State *L, int errnum, const char *op, const char *what, const char *path);

/* Returns 1. */
int sr_lfs_push_true(lua_State *L);

/* A file's mode; raises an argument error. */
mode_t sr_lfs_check_mode(lua_State *L, int arg, lua_Integer fallback);

int sr_lfs_mkdtemp(lua_State *L); /* temp.c */
int sr_lfs_remove(lua_State *L);  /* temp.c */
int sr_lfs_write(lua_State *L);   /* write.c */

#endif
