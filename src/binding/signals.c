#include "scalerun/binding/signals.h"

#include <lauxlib.h>
#include <signal.h>
#include <string.h>

static const struct {
	const char *name;
	int number;
} signals[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},   {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},
    {"BUS", SIGBUS},   {"FPE", SIGFPE},   {"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CONT", SIGCONT}, {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
    {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ}, {"SYS", SIGSYS},
};

int sr_check_signal(lua_State *L, int idx)
{
	if (lua_isinteger(L, idx)) {
		lua_Integer number = lua_tointeger(L, idx);

		if (number > 0 && number < _NSIG)
			return (int)number;
	} else if (lua_type(L, idx) == LUA_TSTRING) {
		const char *name = lua_tostring(L, idx);

		if (strncmp(name, "SIG", 3) == 0)
			name += 3;
		for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
			if (strcmp(signals[i].name, name) == 0)
				return signals[i].number;
	}
	return luaL_error(L, "%s is no signal: write a name such as \"TERM\", or a number",
			  luaL_tolstring(L, idx, NULL));
}

void sr_push_signal(lua_State *L, int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (signals[i].number == number) {
			lua_pushstring(L, signals[i].name);
			return;
		}
	}
	lua_pushinteger(L, number);
}
