/* JSON Schema, the part that the tools' schemas use: type, properties, required, additionalProperties
 * false, enum, minimum, maximum, minLength and maxLength (characters), pattern (POSIX extended), items,
 * minItems, maxItems, $ref into $defs. Other keywords say nothing. No I/O, any thread. */
#ifndef TARGET_MCP_VALIDATE_H
#define TARGET_MCP_VALIDATE_H

#include <jansson.h>
#include <stdbool.h>

/* False with a sentence that names the place ("tasks[2].status") and what is allowed. */
bool sr_validate(const json_t *schema, const json_t *value, char *problem, size_t size);

#endif
