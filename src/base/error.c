#include "scalerun/base/error.h"

#include <stdio.h>
#include <string.h>

static const char *const names[SR_CODE_COUNT] = {
    [SR_OK] = "ok",
    [SR_EINVAL] = "invalid",
    [SR_ENOMEM] = "memory",
    [SR_EIO] = "io",
    [SR_ETIMEOUT] = "timeout",
    [SR_ECANCEL] = "cancel",
    [SR_EDNS] = "dns",
    [SR_ECONNECT] = "connect",
    [SR_ETLS] = "tls",
    [SR_ECLOSED] = "closed",
    [SR_EPROTO] = "protocol",
    [SR_ELIMIT] = "limit",
    [SR_ESTATE] = "state",
    [SR_ESERVER] = "server",
    [SR_ESCRIPT] = "script",
    [SR_ENOTSUP] = "unsupported",
};

const char *sr_code_name(int code)
{
	if (code < 0 || code >= SR_CODE_COUNT)
		return "unknown";
	return names[code];
}

/* Truncates; for GCC's sake not strncpy, whose truncation it warns of. */
static void copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memmove(to, from, len);
	to[len] = '\0';
}

int sr_vfail(struct sr_error *err, int code, const char *op, const char *fmt, va_list ap)
{
	char text[sizeof(err->text)];

	if (!err)
		return -code;
	/* The arguments may point into *err, when a failure is told again with more to say. */
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		copy_cut(text, sizeof(text), fmt);
	err->code = code;
	copy_cut(err->op, sizeof(err->op), op);
	err->detail[0] = '\0';
	copy_cut(err->text, sizeof(err->text), text);
	return -code;
}

int sr_fail(struct sr_error *err, int code, const char *op, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = sr_vfail(err, code, op, fmt, ap);
	va_end(ap);
	return rc;
}

int sr_fail_errno(struct sr_error *err, int code, int errnum, const char *op, const char *fmt, ...)
{
	const char *name = strerrorname_np(errnum);
	char reason[128];
	va_list ap;
	size_t len;

	if (!err)
		return -code;
	va_start(ap, fmt);
	sr_vfail(err, code, op, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror_r(errnum, reason, sizeof(reason)));
	sr_error_detail(err, name ? name : "");
	return -code;
}

void sr_error_detail(struct sr_error *err, const char *detail)
{
	if (err)
		copy_cut(err->detail, sizeof(err->detail), detail);
}
