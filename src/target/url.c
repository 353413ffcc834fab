#include "url.h"

#include "scalerun/base/error.h"
#include "scalerun/base/percent.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static int refuse(const char **problem, const char *text)
{
	*problem = text;
	return -SR_EINVAL;
}

int sr_url_decode(char *text, size_t len, bool plus_is_space, const char **problem)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '+' && plus_is_space) {
			c = ' ';
		} else if (c == '%') {
			int byte = sr_percent_byte(text + i, len - i);

			if (byte < 0)
				return refuse(problem, "a % in the URL is not followed by two hexadecimal digits");
			c = (char)byte;
			i += 2;
		}
		if (c == '\0')
			return refuse(problem, "the URL holds a NUL byte");
		text[out++] = c;
	}
	text[out] = '\0';
	if (!sr_text_is_utf8(text, out))
		return refuse(problem, "the URL is not UTF-8");
	return 0;
}

static int add_segment(struct sr_url *url, char *text, size_t len, const char **problem)
{
	if (url->segment_count == SR_URL_SEGMENTS)
		return refuse(problem, "the path has too many segments");
	url->segments[url->segment_count++] = text;
	return sr_url_decode(text, len, false, problem);
}

static int add_param(struct sr_url *url, char *text, size_t len, const char **problem)
{
	char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	int rc;

	if (len == 0)
		return 0;
	if (url->param_count == SR_URL_PARAMS)
		return refuse(problem, "the query has too many parameters");
	url->params[url->param_count].name = text;
	url->params[url->param_count].value = equals ? equals + 1 : text + len;
	url->param_count++;
	if (equals) {
		rc = sr_url_decode(equals + 1, len - name_len - 1, true, problem);
		if (rc)
			return rc;
	}
	return sr_url_decode(text, name_len, true, problem);
}

/* Splits [text, end) at each `separator` and hands the parts on; the byte after a part may be overwritten. */
static int split(struct sr_url *url, char *text, char *end, char separator,
		 int (*add)(struct sr_url *, char *, size_t, const char **), const char **problem)
{
	for (;;) {
		char *stop = memchr(text, separator, (size_t)(end - text));
		size_t len = (size_t)((stop ? stop : end) - text);
		int rc;

		text[len] = '\0';
		rc = add(url, text, len, problem);
		if (rc)
			return rc;
		if (!stop)
			return 0;
		text = stop + 1;
	}
}

int sr_url_parse(struct sr_url *url, const char *target, const char **problem)
{
	const char *scheme = strstr(target, "://");
	const char *start = target;
	char *path;
	char *end;
	char *mark;
	int rc;

	memset(url, 0, sizeof(*url));
	if (*target != '/' && scheme)
		start = scheme + 3 + strcspn(scheme + 3, "/?");
	if (*start != '/')
		return refuse(problem, "the request target is not a path");
	url->memory = strdup(start);
	if (!url->memory)
		return -SR_ENOMEM;
	path = url->memory;
	end = path + strlen(path);
	mark = strchr(path, '?');
	rc = split(url, path + 1, mark ? mark : end, '/', add_segment, problem);
	if (!rc && mark)
		rc = split(url, mark + 1, end, '&', add_param, problem);
	if (rc)
		sr_url_deinit(url);
	return rc;
}

void sr_url_deinit(struct sr_url *url)
{
	free(url->memory);
	memset(url, 0, sizeof(*url));
}

const char *sr_url_param(const struct sr_url *url, const char *name, bool *repeated)
{
	const char *value = NULL;

	*repeated = false;
	for (int i = 0; i < url->param_count; i++) {
		if (strcmp(url->params[i].name, name) != 0)
			continue;
		if (value)
			*repeated = true;
		else
			value = url->params[i].value;
	}
	return value;
}
