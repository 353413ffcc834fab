/* The one option that has to be known before there is any Lua. */
#ifndef SR_CLI_OPTIONS_H
#define SR_CLI_OPTIONS_H

/* The value of --lua-path DIR or --lua-path=DIR (before a "--"), else of the environment variable
 * SCALERUN_LUA_PATH, else NULL. */
const char *sr_options_lua_path(int argc, char **argv);

#endif
