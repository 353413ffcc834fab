/* What the generated file defines: modules sorted by name, in strcmp's order. */
#ifndef SCALERUN_BINDING_EMBEDDED_PRIVATE_H
#define SCALERUN_BINDING_EMBEDDED_PRIVATE_H

#include "scalerun/binding/embedded.h"

#define SR_EMBEDDED_MODULE(name, path, source)                                                                         \
	{                                                                                                              \
		name, path, source, sizeof(source) - 1                                                                 \
	}

extern const struct sr_embedded_module sr_embedded_modules[];
extern const size_t sr_embedded_count;

#endif
