#include "scalerun/base/buf.h"

#include "scalerun/base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

void sr_buf_init(struct sr_buf *buf, size_t max)
{
	*buf = (struct sr_buf){.max = max};
}

void sr_buf_deinit(struct sr_buf *buf)
{
	free(buf->data);
	*buf = (struct sr_buf){.max = buf->max};
}

static int grow(struct sr_buf *buf, size_t need)
{
	size_t cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap;
	char *data;

	if (need <= buf->cap)
		return 0;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap > buf->max)
		cap = need > buf->max ? need : buf->max; /* need: max and a 0 behind it */
	data = realloc(buf->data, cap);
	if (!data)
		return -SR_ENOMEM;
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int sr_buf_reserve(struct sr_buf *buf, size_t extra)
{
	if (extra > buf->max - buf->len)
		return -SR_ELIMIT;
	return grow(buf, buf->len + extra);
}

int sr_buf_append(struct sr_buf *buf, const void *data, size_t len)
{
	int rc = sr_buf_reserve(buf, len);

	if (rc < 0 || len == 0)
		return rc;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	return 0;
}

int sr_buf_printf(struct sr_buf *buf, const char *fmt, ...)
{
	va_list ap;
	int len, rc;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -SR_EINVAL;
	if ((size_t)len > buf->max - buf->len)
		return -SR_ELIMIT;
	rc = grow(buf, buf->len + (size_t)len + 1); /* vsnprintf writes a 0 behind the text */
	if (rc < 0)
		return rc;
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
	return 0;
}

void sr_buf_consume(struct sr_buf *buf, size_t len)
{
	buf->len -= len;
	if (buf->len > 0)
		memmove(buf->data, buf->data + len, buf->len);
}

void sr_buf_clear(struct sr_buf *buf)
{
	buf->len = 0;
}

const char *sr_buf_cstr(struct sr_buf *buf)
{
	if (grow(buf, buf->len + 1) < 0)
		return NULL;
	buf->data[buf->len] = '\0';
	return buf->data;
}

char *sr_buf_take(struct sr_buf *buf, size_t *len)
{
	char *data = buf->data;

	*len = buf->len;
	*buf = (struct sr_buf){.max = buf->max};
	return data;
}
