#include "private.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *name, const void *module)
{
	return strcmp(name, ((const struct sr_embedded_module *)module)->name);
}

const struct sr_embedded_module *sr_embedded_find(const char *name)
{
	return bsearch(name, sr_embedded_modules, sr_embedded_count, sizeof(*sr_embedded_modules), compare);
}

void sr_embedded_visit(sr_embedded_visit_fn *fn, void *arg)
{
	for (size_t i = 0; i < sr_embedded_count; i++)
		fn(arg, &sr_embedded_modules[i]);
}
