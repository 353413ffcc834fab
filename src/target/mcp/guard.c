#include "mcp/guard.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SR_GUARD_NAME 256

/* Splits "name", "name:port" or "[v6]:port"; name gets no brackets. False when it is none of these. */
static bool split(const char *host, char name[SR_GUARD_NAME])
{
	const char *end = *host == '[' ? strchr(host, ']') : host + strcspn(host, ":");
	const char *begin = *host == '[' ? host + 1 : host;
	const char *port;

	if (!end || end == begin || (size_t)(end - begin) >= SR_GUARD_NAME)
		return false;
	port = *host == '[' ? end + 1 : end;
	if (*port == ':') {
		size_t digits = strspn(port + 1, "0123456789");

		if (digits < 1 || digits > 5 || port[1 + digits] != '\0')
			return false;
	} else if (*port) {
		return false;
	}
	memcpy(name, begin, (size_t)(end - begin));
	name[end - begin] = '\0';
	return true;
}

bool sr_guard_is_loopback(const char *name)
{
	unsigned a, b, c;
	char after;

	return strcasecmp(name, "localhost") == 0 || strcmp(name, "::1") == 0 ||
	       (strspn(name, "0123456789.") == strlen(name) &&
		sscanf(name, "127.%3u.%3u.%3u%c", &a, &b, &c, &after) == 3 && a < 256 && b < 256 && c < 256);
}

static bool is_listed(const char *const *list, const char *text)
{
	for (int i = 0; i < SR_GUARD_NAMES && list[i]; i++) {
		if (strcasecmp(list[i], text) == 0)
			return true;
	}
	return false;
}

bool sr_guard_host(const struct sr_guard *guard, const char *host)
{
	char name[SR_GUARD_NAME];

	if (!host || !split(host, name))
		return false;
	return sr_guard_is_loopback(name) || strcasecmp(name, guard->listen) == 0 || is_listed(guard->hosts, name) ||
	       is_listed(guard->hosts, host);
}

bool sr_guard_origin(const struct sr_guard *guard, const char *origin)
{
	const char *host;

	if (!origin || is_listed(guard->origins, origin))
		return true;
	if (strncasecmp(origin, "http://", 7) == 0)
		host = origin + 7;
	else if (strncasecmp(origin, "https://", 8) == 0)
		host = origin + 8;
	else
		return false;
	return sr_guard_host(guard, host);
}
