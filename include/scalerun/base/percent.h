/* Percent escapes, as in URLs. */
#ifndef SCALERUN_BASE_PERCENT_H
#define SCALERUN_BASE_PERCENT_H

#include <stddef.h>

/* The byte, 0 to 255, that the escape at the beginning of text ("%2F", in either case) stands for; -1 where the len
 * bytes of text begin with no whole escape. */
int sr_percent_byte(const char *text, size_t len);

#endif
