/* Scripts name the same few hosts over and over: the text up to the path leads straight to the origin. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP "http.request"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool fits(const struct sr_http_origin *origin, const struct sr_http_request *request)
{
	return same(origin->unix_socket, request->unix_socket) &&
	       (!origin->tls ||
		(same(origin->ca_file, request->ca_file) && same(origin->cert_file, request->cert_file) &&
		 same(origin->key_file, request->key_file) && origin->insecure == request->insecure));
}

static unsigned place(const char *prefix, size_t len)
{
	uint32_t hash = 2166136261u;

	/* The end of a prefix (port, last octet) tells more than its beginning. */
	for (size_t i = len > 16 ? len - 16 : 0; i < len; i++)
		hash = (hash ^ (unsigned char)prefix[i]) * 16777619u;
	return (hash ^ hash >> 16) & (SR_HTTP_SITES - 1);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "name:password" with %XX decoded → "Authorization: Basic …\r\n". */
static char *basic(const char *user, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char start[] = "Authorization: Basic ";
	unsigned char *plain = malloc(len + 3);
	char *line = malloc(sizeof start + (len + 2) / 3 * 4 + 2), *out;
	size_t n = 0;

	if (!plain || !line) {
		free(plain);
		free(line);
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if (user[i] == '%' && len - i > 2 && hex(user[i + 1]) >= 0 && hex(user[i + 2]) >= 0) {
			plain[n++] = (unsigned char)(hex(user[i + 1]) << 4 | hex(user[i + 2]));
			i += 2;
		} else {
			plain[n++] = (unsigned char)user[i];
		}
	}
	plain[n] = plain[n + 1] = 0;
	out = line + sprintf(line, "%s", start);
	for (size_t i = 0; i < n; i += 3) {
		unsigned bits = (unsigned)plain[i] << 16 | (unsigned)plain[i + 1] << 8 | plain[i + 2];

		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < n ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digits[bits & 63] : '=';
	}
	memcpy(out, "\r\n", 3);
	free(plain);
	return line;
}

static void free_origin(struct sr_http_origin *origin)
{
	if (!origin)
		return;
	free(origin->url);
	free(origin->preamble);
	free(origin->unix_socket);
	free(origin->ca_file);
	free(origin->cert_file);
	free(origin->key_file);
	free(origin);
}

void sr_http_origin_ref(struct sr_http_origin *origin)
{
	origin->refs++;
}

void sr_http_origin_unref(struct sr_http_origin *origin)
{
	struct sr_http_origin **at = &origin->client->origins;

	if (--origin->refs > 0)
		return;
	while (*at != origin)
		at = &(*at)->next;
	*at = origin->next;
	free_origin(origin);
}

static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static struct sr_http_origin *make_origin(struct sr_http_client *client, const struct sr_http_request *request,
					  const struct sr_http_url *url)
{
	const char *open = url->ipv6 ? "[" : "", *close = url->ipv6 ? "]" : "";
	struct sr_http_origin *origin = calloc(1, sizeof *origin);
	char port[8] = "";
	int len;

	if (!origin)
		return NULL;
	origin->client = client;
	origin->tls = url->tls;
	origin->insecure = url->tls && request->insecure;
	if (url->port != (url->tls ? 443 : 80))
		snprintf(port, sizeof port, ":%u", url->port);
	len = asprintf(&origin->url, "%s://%s%.*s%s%s", url->tls ? "https" : "http", open, (int)url->host_len,
		       url->host, close, port);
	if (len < 0)
		origin->url = NULL;
	for (char *c = origin->url; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	len = asprintf(&origin->preamble, "Host: %s\r\nUser-Agent: scalerun/" SCALERUN_VERSION "\r\n",
		       origin->url ? strchr(origin->url, ':') + 3 : "");
	if (len < 0)
		origin->preamble = NULL;
	if (!origin->url || !origin->preamble || !copy(&origin->unix_socket, request->unix_socket) ||
	    (url->tls && (!copy(&origin->ca_file, request->ca_file) || !copy(&origin->cert_file, request->cert_file) ||
			  !copy(&origin->key_file, request->key_file)))) {
		free_origin(origin);
		return NULL;
	}
	origin->preamble_len = (size_t)len;
	origin->host_line_len = (size_t)(strchr(origin->preamble, '\n') + 1 - origin->preamble);
	return origin;
}

/* Two spellings of one origin ("http://host", "http://HOST:80") share its connections. */
static struct sr_http_origin *find_origin(struct sr_http_client *client, const struct sr_http_request *request,
					  const struct sr_http_url *url)
{
	struct sr_http_origin *made = make_origin(client, request, url);

	if (!made)
		return NULL;
	for (struct sr_http_origin *origin = client->origins; origin; origin = origin->next) {
		if (origin->tls == made->tls && fits(origin, request) && strcmp(origin->url, made->url) == 0) {
			free_origin(made);
			return origin;
		}
	}
	made->next = client->origins;
	client->origins = made;
	return made;
}

static void drop_site(struct sr_http_client *client, unsigned at)
{
	struct sr_http_site *site = client->sites[at];

	if (!site)
		return;
	client->sites[at] = NULL;
	if (client->last_site == site)
		client->last_site = NULL;
	sr_http_origin_unref(site->origin);
	free(site->prefix);
	free(site->authorization);
	free(site);
}

void sr_http_sites_clear(struct sr_http_client *client)
{
	for (unsigned i = 0; i < SR_HTTP_SITES; i++)
		drop_site(client, i);
}

static int no_prefix(const struct sr_http_request *request, struct sr_error *err)
{
	char shown[200];

	sr_http_url_show(request->url, request->url_len, shown, sizeof shown);
	return sr_fail(err, SR_EINVAL, OP, "the URL \"%s\" must begin with http:// or https://", shown);
}

static bool is_site_of(const struct sr_http_site *site, const struct sr_http_request *request)
{
	size_t len = site->prefix_len;

	return request->url_len >= len && memcmp(site->prefix, request->url, len) == 0 &&
	       (request->url_len == len || request->url[len] == '/' || request->url[len] == '?' ||
		request->url[len] == '#') &&
	       fits(site->origin, request);
}

int sr_http_site_find(struct sr_http_client *client, const struct sr_http_request *request,
		      const struct sr_http_site **out, struct sr_error *err)
{
	struct sr_http_site *site = client->last_site;
	struct sr_http_origin *origin;
	struct sr_http_url url;
	size_t prefix_len;
	unsigned at;
	int rc;

	if (site && is_site_of(site, request)) {
		*out = site;
		return 0;
	}
	prefix_len = sr_http_url_prefix(request->url, request->url_len);
	if (prefix_len == 0)
		return no_prefix(request, err);
	at = place(request->url, prefix_len);
	site = client->sites[at];
	if (site && is_site_of(site, request)) {
		*out = client->last_site = site;
		return 0;
	}
	rc = sr_http_url_parse(request->url, prefix_len, &url, err);
	if (rc < 0)
		return rc;
	origin = find_origin(client, request, &url);
	site = calloc(1, sizeof *site);
	if (!origin || !site)
		goto no_memory;
	site->prefix = strndup(request->url, prefix_len);
	site->prefix_len = prefix_len;
	if (url.user)
		site->authorization = basic(url.user, url.user_len);
	if (!site->prefix || (url.user && !site->authorization))
		goto no_memory;
	site->origin = origin;
	sr_http_origin_ref(origin);
	drop_site(client, at);
	client->sites[at] = site;
	*out = client->last_site = site;
	return 0;

no_memory:
	if (site) {
		free(site->prefix);
		free(site->authorization);
		free(site);
	}
	if (origin) {
		sr_http_origin_ref(origin);
		sr_http_origin_unref(origin); /* goes when nobody uses it */
	}
	return sr_fail(err, SR_ENOMEM, OP, "out of memory for one more host");
}
