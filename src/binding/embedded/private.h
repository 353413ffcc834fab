/* What the generated file defines: modules sorted by name, in strcmp's order. */
#ifndef SCALERUN_BINDING_EMBEDDED_PRIVATE_H
#define SCALERUN_BINDING_EMBEDDED_PRIVATE_H

#include <stddef.h>

struct sr_embedded_module {
	const char *name;
	const char *source;
	size_t len;
};

#define SR_EMBEDDED_MODULE(name, source)                                                                               \
	{                                                                                                              \
		name, source, sizeof(source) - 1                                                                       \
	}

extern const struct sr_embedded_module sr_embedded_modules[];
extern const size_t sr_embedded_count;

#endif
