/* The Lua library that ships inside the program: sources by module name ("scalerun.http", "scalerun",
 * "argparse"). Constant data; any thread. */
#ifndef SCALERUN_BINDING_EMBEDDED_H
#define SCALERUN_BINDING_EMBEDDED_H

#include <stddef.h>

/* The source of a module with its length (len may be NULL), or NULL when there is none of that name. */
const char *sr_embedded_find(const char *name, size_t *len);

/* Calls fn for every module, in the order of their names. */
typedef void sr_embedded_visit_fn(void *arg, const char *name, const char *source, size_t len);
void sr_embedded_visit(sr_embedded_visit_fn *fn, void *arg);

#endif
