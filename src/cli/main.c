/* scalerun: the process around the command line, which is Lua (lua/scalerun/cli). */
#include "options.h"
#include "scalerun/host/conductor.h"

#include <signal.h>

int main(int argc, char **argv)
{
	struct sr_conductor_options options = {
	    .argc = argc > 0 ? argc - 1 : 0,
	    .argv = argv + 1,
	    .lua_path = sr_options_lua_path(argc, argv),
	};

	signal(SIGPIPE, SIG_IGN); /* a closed socket or pipe is an error code, not the end */
	return sr_conductor_run(&options);
}
