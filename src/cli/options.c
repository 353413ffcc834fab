#include "options.h"

#include <stdlib.h>
#include <string.h>

#define NAME "--lua-path"

const char *sr_options_lua_path(int argc, char **argv)
{
	const char *value = getenv("SCALERUN_LUA_PATH");

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], NAME) == 0 && i + 1 < argc)
			value = argv[i + 1];
		else if (strncmp(argv[i], NAME "=", strlen(NAME "=")) == 0)
			value = argv[i] + strlen(NAME "=");
	}
	return value && *value ? value : NULL;
}
