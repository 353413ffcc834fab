/* A growable byte buffer with a maximum. The owner embeds it and calls _init and _deinit; the bytes
 * belong to the buffer until _take moves them out. data may be NULL while len is 0; it is not
 * terminated by 0 unless _cstr was asked. One thread at a time. */
#ifndef SCALERUN_BASE_BUF_H
#define SCALERUN_BASE_BUF_H

#include <stddef.h>

struct sr_buf {
	char *data;
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* len never passes this */
};

void sr_buf_init(struct sr_buf *buf, size_t max);
void sr_buf_deinit(struct sr_buf *buf);

/* Room for `extra` more bytes at data + len. 0, -SR_ELIMIT (nothing changed) or -SR_ENOMEM. */
int sr_buf_reserve(struct sr_buf *buf, size_t extra);

int sr_buf_append(struct sr_buf *buf, const void *data, size_t len);
int sr_buf_printf(struct sr_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first len bytes (len <= buf->len); the rest moves to the front. */
void sr_buf_consume(struct sr_buf *buf, size_t len);

/* Empty, memory kept. */
void sr_buf_clear(struct sr_buf *buf);

/* The bytes with a terminating 0 (not counted in len), or NULL when there is no memory for it. */
const char *sr_buf_cstr(struct sr_buf *buf);

/* Moves the bytes out: the caller frees them with free(); the buffer is empty and usable again. */
char *sr_buf_take(struct sr_buf *buf, size_t *len);

#endif
