/* Base64 as RFC 4648 defines it, with padding, without line ends. Any thread. */
#ifndef SCALERUN_BASE_BASE64_H
#define SCALERUN_BASE_BASE64_H

#include "scalerun/base/buf.h"

/* Appends the text of data to out. 0, -SR_ELIMIT or -SR_ENOMEM. */
int sr_base64_encode(const void *data, size_t len, struct sr_buf *out);

/* Appends the bytes that text stands for. Also -SR_EPROTO: not base64 (out may then hold some of the bytes). */
int sr_base64_decode(const char *text, size_t len, struct sr_buf *out);

#endif
