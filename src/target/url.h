/* Request targets: path segments and query parameters, percent-decoded. No I/O, any thread. */
#ifndef TARGET_URL_H
#define TARGET_URL_H

#include <stdbool.h>
#include <stddef.h>

#define SR_URL_PARAMS   32
#define SR_URL_SEGMENTS 16

struct sr_url {
	int segment_count;
	char *segments[SR_URL_SEGMENTS]; /* "/a/b%2Fc" gives "a" and "b/c" */
	int param_count;
	struct {
		char *name;
		char *value; /* "" when there is no '=' */
	} params[SR_URL_PARAMS];
	char *memory; /* everything above points into it */
};

/* Parses an origin-form ("/a?b=c") or absolute-form ("http://h/a?b=c") request target. In the query '+'
 * is a space. Returns 0, -SR_ENOMEM, or -SR_EINVAL with *problem (a static text) for a bad escape, an
 * encoded NUL, bytes that are not UTF-8 or too many parts. _deinit is due only after 0. */
int sr_url_parse(struct sr_url *url, const char *target, const char **problem);
void sr_url_deinit(struct sr_url *url);

/* The value of a parameter or NULL; *repeated tells whether the name comes more than once. */
const char *sr_url_param(const struct sr_url *url, const char *name, bool *repeated);

/* Decodes len bytes in place and terminates them (text[len] is writable). -SR_EINVAL as above. */
int sr_url_decode(char *text, size_t len, bool plus_is_space, const char **problem);

#endif
