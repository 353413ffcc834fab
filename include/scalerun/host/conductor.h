/* The conductor: the main thread's loop and Lua state. It runs the library's command line
 * (scalerun.cli, main) as a task and ends with it. */
#ifndef SCALERUN_HOST_CONDUCTOR_H
#define SCALERUN_HOST_CONDUCTOR_H

struct sr_conductor_options {
	int argc; /* without the program's name */
	char **argv;
	const char *lua_path; /* or NULL */
};

/* Returns the process's exit status. */
int sr_conductor_run(const struct sr_conductor_options *options);

#endif
