#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define OP       "http.request"
#define URL_MAX_ (64u << 10)

size_t sr_http_url_prefix(const char *url, size_t len)
{
	size_t at = 0;

	while (at < len && url[at] != ':' && url[at] != '/')
		at++;
	if (at == 0 || len - at < 3 || memcmp(url + at, "://", 3) != 0)
		return 0;
	at += 3;
	while (at < len && url[at] != '/' && url[at] != '?' && url[at] != '#')
		at++;
	return at;
}

void sr_http_url_show(const char *url, size_t len, char *out, size_t size)
{
	size_t prefix = sr_http_url_prefix(url, len), scheme = 0;
	const char *at = NULL;
	size_t used;

	for (size_t i = 0; i < prefix; i++)
		if (url[i] == '@')
			at = url + i;
	if (at)
		scheme = (size_t)((const char *)memchr(url, ':', len) + 3 - url);
	used = (size_t)snprintf(out, size, "%.*s", (int)scheme, url);
	if (used >= size)
		return;
	if (at) {
		len -= (size_t)(at + 1 - url);
		url = at + 1;
	}
	for (; len > 0 && used + 4 < size; len--, url++)
		out[used++] = (unsigned char)*url < 0x20 || *url == 0x7f ? '?' : *url;
	if (len > 0) {
		memcpy(out + used, "…", 3);
		used += 3;
	}
	out[used] = '\0';
}

static int refuse(const char *prefix, size_t len, struct sr_error *err, const char *why)
{
	char shown[200];

	sr_http_url_show(prefix, len, shown, sizeof shown);
	return sr_fail(err, SR_EINVAL, OP, "the URL %s %s", shown, why);
}

static bool host_ok(const struct sr_http_url *url)
{
	if (url->host_len == 0 || url->host_len > 253)
		return false;
	for (size_t i = 0; i < url->host_len; i++) {
		char c = url->host[i];
		bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';

		if (!(name || (url->ipv6 ? c == ':' : c == '-' || c == '_')))
			return false;
	}
	return true;
}

static bool port_ok(const char *text, size_t len, unsigned *port)
{
	unsigned value = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*port = value;
	return value >= 1 && value <= 65535;
}

int sr_http_url_parse(const char *prefix, size_t len, struct sr_http_url *url, struct sr_error *err)
{
	const char *at = prefix, *end = prefix + len, *close;

	*url = (struct sr_http_url){0};
	if (len > 7 && strncasecmp(at, "http://", 7) == 0) {
		url->port = 80;
		at += 7;
	} else if (len > 8 && strncasecmp(at, "https://", 8) == 0) {
		url->tls = true;
		url->port = 443;
		at += 8;
	} else {
		return refuse(prefix, len, err, "does not begin with http:// or https:// and a host");
	}
	for (const char *c = end; c > at; c--) {
		if (c[-1] == '@') {
			url->user = at;
			url->user_len = (size_t)(c - 1 - at);
			at = c;
			break;
		}
	}
	if (at < end && *at == '[') {
		close = memchr(at, ']', (size_t)(end - at));
		if (!close)
			return refuse(prefix, len, err, "has no ']' after its IPv6 address");
		url->ipv6 = true;
		url->host = at + 1;
		url->host_len = (size_t)(close - at - 1);
		at = close + 1;
	} else {
		url->host = at;
		while (at < end && *at != ':')
			at++;
		url->host_len = (size_t)(at - url->host);
	}
	if (!host_ok(url))
		return refuse(prefix, len, err, "has no valid host name (international names: write the xn-- form)");
	if (at < end && (*at != ':' || !port_ok(at + 1, (size_t)(end - at - 1), &url->port)))
		return refuse(prefix, len, err, "has no valid port (1 to 65535)");
	return 0;
}

int sr_http_target_check(const char *target, size_t *len, struct sr_error *err)
{
	size_t i;

	if (*len > URL_MAX_)
		return sr_fail(err, SR_EINVAL, OP, "the URL is longer than 64 KiB");
	for (i = 0; i < *len && target[i] != '#'; i++) {
		unsigned char c = (unsigned char)target[i];

		if (c <= 0x20 || c >= 0x7f)
			return sr_fail(err, SR_EINVAL, OP,
				       "byte %zu of the URL's path is 0x%02x, which must be percent-encoded: %%%02X",
				       i + 1, c, c);
	}
	*len = i;
	return 0;
}
