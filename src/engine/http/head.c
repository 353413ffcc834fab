#include "scalerun/engine/http.h"

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The position after the line that holds `at`. */
static size_t next_line(const char *head, size_t len, size_t at)
{
	const char *end = memchr(head + at, '\n', len - at);

	return end ? (size_t)(end - head) + 1 : len;
}

bool sr_http_head_next(const char *head, size_t len, size_t *pos, struct sr_http_header *header)
{
	size_t at = *pos, end, name_end, value;
	const char *colon;

	if (at == 0)
		at = next_line(head, len, 0);
	while (at < len) {
		end = next_line(head, len, at);
		while (end < len && (head[end] == ' ' || head[end] == '\t'))
			end = next_line(head, len, end);
		*pos = end;
		colon = memchr(head + at, ':', end - at);
		if (!colon) {
			at = end;
			continue;
		}
		name_end = value = (size_t)(colon - head);
		while (name_end > at && blank(head[name_end - 1]))
			name_end--;
		value++;
		while (value < end && blank(head[value]))
			value++;
		while (end > value && blank(head[end - 1]))
			end--;
		*header = (struct sr_http_header){head + at, head + value, name_end - at, end - value};
		return true;
	}
	*pos = len;
	return false;
}
