/* A JSON writer into a bounded buffer. Commas come by themselves; a failed append (memory, maximum) is
 * remembered in `error` and everything after it is dropped. One thread at a time. */
#ifndef TARGET_JSONW_H
#define TARGET_JSONW_H

#include "scalerun/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct sr_jsonw {
	struct sr_buf buf;
	int error;  /* 0 or the first -SR_E… */
	bool comma; /* a value came before in this object or array */
};

void sr_jsonw_init(struct sr_jsonw *w, size_t max);
void sr_jsonw_deinit(struct sr_jsonw *w);
void sr_jsonw_clear(struct sr_jsonw *w);

void sr_jsonw_begin(struct sr_jsonw *w, char bracket); /* '{' or '[' */
void sr_jsonw_end(struct sr_jsonw *w, char bracket);   /* '}' or ']' */
void sr_jsonw_key(struct sr_jsonw *w, const char *key);

/* NULL writes null. Bytes that are not UTF-8 become U+FFFD. */
void sr_jsonw_string(struct sr_jsonw *w, const char *text);
void sr_jsonw_int(struct sr_jsonw *w, int64_t value);
void sr_jsonw_number(struct sr_jsonw *w, double value, int decimals);
void sr_jsonw_bool(struct sr_jsonw *w, bool value);
void sr_jsonw_raw(struct sr_jsonw *w, const char *json); /* one whole JSON value, as it is */

#endif
