/* Texts as JSON strings (RFC 8259), for those who write JSON without a tree of it. No I/O, any thread. */
#ifndef SCALERUN_BASE_JSON_TEXT_H
#define SCALERUN_BASE_JSON_TEXT_H

#include "scalerun/base/buf.h"

/* The length of the UTF-8 sequence at text (1 to 4), or 0 where it is none: overlong forms, surrogates and what lies
 * above U+10FFFF are none (RFC 3629). left >= 1. */
size_t sr_utf8_step(const char *text, size_t left);

/* Appends the text between quotes, at most six bytes for each of it and two; a byte that is no UTF-8 becomes U+FFFD.
 * 0, or what sr_buf_append says: then part of it may have been appended. */
int sr_json_quote(struct sr_buf *buf, const char *text, size_t len);

#endif
