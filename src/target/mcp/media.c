#include "mcp/media.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t"

struct span {
	const char *text;
	size_t len;
};

/* [text, end) without blanks around it */
static struct span trim(const char *text, const char *end)
{
	while (text < end && strchr(BLANK, *text))
		text++;
	while (end > text && strchr(BLANK, end[-1]))
		end--;
	return (struct span){text, (size_t)(end - text)};
}

static bool is(struct span span, const char *text)
{
	return span.len == strlen(text) && strncasecmp(span.text, text, span.len) == 0;
}

/* The next part of [*p, end) up to a separator; quoted strings are not looked into. */
static struct span next_part(const char **p, const char *end, char separator)
{
	const char *begin = *p;
	const char *stop = begin;
	bool quoted = false;

	for (; stop < end && (quoted || *stop != separator); stop++) {
		if (*stop == '"')
			quoted = !quoted;
		else if (quoted && *stop == '\\' && stop + 1 < end)
			stop++;
	}
	*p = stop < end ? stop + 1 : end;
	return trim(begin, stop);
}

/* The value of a parameter in ";a=b;c=d"; len 0 when it is not there. */
static struct span parameter(const char *p, const char *end, const char *name)
{
	while (p < end) {
		struct span part = next_part(&p, end, ';');
		const char *equals = memchr(part.text, '=', part.len);

		if (equals && is(trim(part.text, equals), name))
			return trim(equals + 1, part.text + part.len);
	}
	return (struct span){end, 0};
}

/* "0", "0.", "0.000" */
static bool is_zero(struct span q)
{
	return q.len > 0 && *q.text == '0' && strspn(q.text, "0.") >= q.len;
}

/* How specific a range that covers the type is: 0 when it does not. */
static int rank(struct span range, const char *type, const char *subtype)
{
	const char *slash = memchr(range.text, '/', range.len);
	struct span major, minor;

	if (!slash)
		return 0;
	major = trim(range.text, slash);
	minor = trim(slash + 1, range.text + range.len);
	if (is(major, "*") && is(minor, "*"))
		return 1;
	if (!is(major, type))
		return 0;
	return is(minor, "*") ? 2 : is(minor, subtype) ? 3 : 0;
}

bool sr_media_accepts(const char *accept, const char *type, const char *subtype)
{
	const char *end = accept ? accept + strlen(accept) : NULL;
	bool allowed = accept == NULL;
	int best = 0;

	while (accept && accept < end) {
		struct span item = next_part(&accept, end, ',');
		const char *p = item.text;
		struct span range = next_part(&p, item.text + item.len, ';');
		int r = rank(range, type, subtype);

		if (r > best) {
			best = r;
			allowed = !is_zero(parameter(p, item.text + item.len, "q"));
		}
	}
	return allowed;
}

bool sr_media_is_json(const char *content_type)
{
	const char *p = content_type;
	struct span charset;

	if (!p || !is(next_part(&p, content_type + strlen(content_type), ';'), "application/json"))
		return false;
	charset = parameter(p, content_type + strlen(content_type), "charset");
	return charset.len == 0 || is(charset, "utf-8") || is(charset, "\"utf-8\"");
}
