#include "scalerun/base/base64.h"

#include "scalerun/base/error.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sr_base64_encode(const void *data, size_t len, struct sr_buf *out)
{
	const unsigned char *in = data;
	int rc = sr_buf_reserve(out, (len + 2) / 3 * 4);

	for (size_t i = 0; rc == 0 && i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits =
		    (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
		char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
				left > 1 ? alphabet[bits >> 6 & 63] : '=', left > 2 ? alphabet[bits & 63] : '='};

		rc = sr_buf_append(out, four, sizeof(four));
	}
	return rc;
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, of which the last `pad` are padding. */
static int append_group(const char *four, size_t pad, struct sr_buf *out)
{
	uint32_t bits = 0;
	unsigned char bytes[3];

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - pad ? value_of(four[i]) : 0;

		if (value < 0)
			return -SR_EPROTO;
		bits = bits << 6 | (uint32_t)value;
	}
	bytes[0] = (unsigned char)(bits >> 16);
	bytes[1] = (unsigned char)(bits >> 8);
	bytes[2] = (unsigned char)bits;
	return sr_buf_append(out, bytes, 3 - pad);
}

int sr_base64_decode(const char *text, size_t len, struct sr_buf *out)
{
	int rc = len % 4 == 0 ? 0 : -SR_EPROTO;

	for (size_t i = 0; rc == 0 && i < len; i += 4) {
		size_t pad = 0;

		if (i + 4 == len && text[i + 3] == '=')
			pad = text[i + 2] == '=' ? 2 : 1;
		rc = append_group(text + i, pad, out);
	}
	return rc;
}
