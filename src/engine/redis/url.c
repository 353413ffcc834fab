#include "private.h"
#include "scalerun/base/percent.h"

#include <stdlib.h>
#include <string.h>

#define OP "redis.connect"

static int fail_url(struct sr_error *err, const char *what)
{
	/* Without the URL itself: it may hold a password. */
	return sr_fail(err, SR_EINVAL, OP,
		       "%s: expected redis://[[user]:password@]host[:port][/database] or unix:///path/to/socket", what);
}

/* Copies len bytes with their percent escapes resolved. */
static bool unescape(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = from[i];
		if (c == '%') {
			int byte = sr_percent_byte(from + i, len - i);
			if (byte < 0)
				return false;
			c = (char)byte;
			i += 2;
		}
		if (c == 0 || n + 1 >= size)
			return false;
		to[n++] = c;
	}
	to[n] = 0;
	return true;
}

static bool number(const char *text, size_t len, int max, int *value)
{
	int n = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > max)
			return false;
		n = n * 10 + (text[i] - '0');
	}
	*value = n;
	return len > 0 && n <= max;
}

/* [[user]:password@] before end; returns what follows, or NULL. */
static const char *parse_user(const char *at, const char *end, struct sr_redis_address *address)
{
	const char *sign = NULL;
	for (const char *p = at; p < end; p++)
		if (*p == '@')
			sign = p;
	if (!sign)
		return at;
	const char *colon = memchr(at, ':', (size_t)(sign - at));
	if (!colon)
		return NULL;
	if (!unescape(at, (size_t)(colon - at), address->user, sizeof(address->user)) ||
	    !unescape(colon + 1, (size_t)(sign - colon - 1), address->password, sizeof(address->password)))
		return NULL;
	return sign + 1;
}

static int parse_tcp(const char *at, struct sr_redis_address *address, struct sr_error *err)
{
	const char *end = at + strcspn(at, "/?#");
	at = parse_user(at, end, address);
	if (!at)
		return fail_url(err, "user and password in the URL are malformed");
	const char *host_end;
	if (*at == '[') {
		host_end = memchr(at, ']', (size_t)(end - at));
		if (!host_end)
			return fail_url(err, "the URL has a '[' without its ']'");
		at++;
	} else {
		host_end = memchr(at, ':', (size_t)(end - at));
		if (!host_end)
			host_end = end;
	}
	if (host_end == at || !unescape(at, (size_t)(host_end - at), address->host, sizeof(address->host)))
		return fail_url(err, "the URL has no host");
	if (*host_end == ']')
		host_end++;
	address->port = 6379;
	if (host_end < end &&
	    (*host_end != ':' || !number(host_end + 1, (size_t)(end - host_end - 1), 65535, &address->port) ||
	     address->port == 0))
		return fail_url(err, "the URL's port is no number from 1 to 65535");
	if (*end == '/' && end[1] && !number(end + 1, strlen(end + 1), 1000000, &address->database))
		return fail_url(err, "the URL's database is no number");
	if (*end == '?' || *end == '#')
		return fail_url(err, "the URL has options, and none is known");
	return 0;
}

static int parse_unix(const char *at, struct sr_redis_address *address, struct sr_error *err)
{
	const char *slash = strchr(at, '/');
	if (!slash)
		return fail_url(err, "the URL has no path to a socket");
	at = parse_user(at, slash, address);
	if (at != slash)
		return fail_url(err, "the URL has more than user and password before the path");
	size_t len = strcspn(at, "?");
	if (!unescape(at, len, address->path, sizeof(address->path)))
		return fail_url(err, "the socket's path is malformed or longer than 107 bytes");
	if (at[len] == '?' && (strncmp(at + len, "?db=", 4) != 0 ||
			       !number(at + len + 4, strlen(at + len + 4), 1000000, &address->database)))
		return fail_url(err, "the only option of a unix URL is ?db=NUMBER");
	return 0;
}

int sr_redis_url_parse(const char *url, struct sr_redis_address *address, struct sr_error *err)
{
	memset(address, 0, sizeof(*address));
	if (strncmp(url, "redis://", 8) == 0)
		return parse_tcp(url + 8, address, err);
	if (strncmp(url, "unix://", 7) == 0)
		return parse_unix(url + 7, address, err);
	if (strncmp(url, "rediss://", 9) == 0)
		return sr_fail(err, SR_ENOTSUP, OP, "TLS to Redis (rediss://) is not supported");
	return fail_url(err, "not a Redis URL");
}
