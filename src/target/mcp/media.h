/* Accept and Content-Type. No I/O, any thread. */
#ifndef TARGET_MCP_MEDIA_H
#define TARGET_MCP_MEDIA_H

#include <stdbool.h>

/* Whether an Accept header (NULL: absent, which allows everything) allows "type/subtype": the most
 * specific range that covers it decides, with q=0 as a refusal. */
bool sr_media_accepts(const char *accept, const char *type, const char *subtype);

/* Whether a Content-Type header is application/json, in UTF-8 if it names a character set. */
bool sr_media_is_json(const char *content_type);

#endif
