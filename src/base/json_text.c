#include "scalerun/base/json_text.h"

#include <stdio.h>
#include <string.h>

size_t sr_utf8_step(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* The escape of a byte that cannot stand for itself; step: of the sequence that it begins. */
static void escape_of(char escape[8], unsigned char c, size_t step)
{
	if (step == 0)
		strcpy(escape, "\\ufffd");
	else if (c == '"' || c == '\\')
		snprintf(escape, 8, "\\%c", c);
	else if (c == '\n')
		strcpy(escape, "\\n");
	else
		snprintf(escape, 8, "\\u%04x", c);
}

int sr_json_quote(struct sr_buf *buf, const char *text, size_t len)
{
	size_t plain = 0; /* start of the bytes that need no escape */
	char escape[8];
	int rc = sr_buf_append(buf, "\"", 1);

	for (size_t i = 0; i < len && !rc;) {
		unsigned char c = (unsigned char)text[i];
		size_t step = sr_utf8_step(text + i, len - i);

		if (step > 0 && c >= 0x20 && c != '"' && c != '\\') {
			i += step;
			continue;
		}
		escape_of(escape, c, step);
		rc = sr_buf_append(buf, text + plain, i - plain);
		if (!rc)
			rc = sr_buf_append(buf, escape, strlen(escape));
		plain = ++i;
	}
	if (!rc)
		rc = sr_buf_append(buf, text + plain, len - plain);
	return rc ? rc : sr_buf_append(buf, "\"", 1);
}
