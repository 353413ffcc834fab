/* The one table of C modules: require name → open function. Lua sugar lives in lua/scalerun. */
#ifndef SCALERUN_BINDING_MODULES_H
#define SCALERUN_BINDING_MODULES_H

#include <lua.h>

int sr_open_core_time(lua_State *L);    /* "scalerun.core.time" */
int sr_open_core_task(lua_State *L);    /* "scalerun.core.task" */
int sr_open_core_data(lua_State *L);    /* "scalerun.core.data": null, plain copy */
int sr_open_core_metrics(lua_State *L); /* "scalerun.core.metrics" */
int sr_open_core_hist(lua_State *L);    /* "scalerun.core.hist" */
int sr_open_core_history(lua_State *L); /* "scalerun.core.history" */
int sr_open_core_json(lua_State *L);    /* "scalerun.core.json" */
int sr_open_core_http(lua_State *L);    /* "scalerun.core.http" */
int sr_open_core_pg(lua_State *L);      /* "scalerun.core.pg" */
int sr_open_core_redis(lua_State *L);   /* "scalerun.core.redis" */
int sr_open_core_process(lua_State *L); /* "scalerun.core.process" */
int sr_open_core_fs(lua_State *L);      /* "scalerun.core.fs" */
int sr_open_core_os(lua_State *L);      /* "scalerun.core.os": users, terminals, ports */
int sr_open_core_build(lua_State *L);   /* "scalerun.core.build": this program and its library */

/* Puts them all, and "cjson", into package.preload. */
void sr_modules_preload(lua_State *L);

#endif
