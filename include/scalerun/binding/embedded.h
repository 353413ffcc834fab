/* The Lua library that ships inside the program: sources by module name ("scalerun.http", "scalerun",
 * "argparse"). Constant data; any thread. */
#ifndef SCALERUN_BINDING_EMBEDDED_H
#define SCALERUN_BINDING_EMBEDDED_H

#include <stddef.h>

struct sr_embedded_module {
	const char *name;
	const char *path; /* of its file below the library's root: "scalerun/http.lua", "scalerun/init.lua" */
	const char *source;
	size_t len;
};

/* NULL when there is none of that name. */
const struct sr_embedded_module *sr_embedded_find(const char *name);

/* Calls fn for every module, in the order of their names. */
typedef void sr_embedded_visit_fn(void *arg, const struct sr_embedded_module *module);
void sr_embedded_visit(sr_embedded_visit_fn *fn, void *arg);

#endif
