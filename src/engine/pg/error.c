/* From libpq's messages to struct sr_error. The password is taken out before anything is cut to size. */
#include "internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORKSPACE 4096

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* True when secret stands at `at` as words of its own: the password "a" is not in "database". */
static bool stands_here(const char *text, const char *at, const char *secret, size_t length)
{
	if (strncmp(at, secret, length) != 0)
		return false;
	if (at > text && is_word(at[-1]) && is_word(secret[0]))
		return false;
	return !(is_word(at[length]) && is_word(secret[length - 1]));
}

static void redact(char *out, size_t size, const char *text, const char *secret)
{
	size_t length = secret ? strlen(secret) : 0, used = 0;

	for (const char *at = text; *at && used + 4 < size;) {
		if (length && stands_here(text, at, secret, length)) {
			memcpy(out + used, "***", 3);
			used += 3;
			at += length;
		} else {
			out[used++] = *at++;
		}
	}
	out[used] = '\0';
}

/* The length of the well-formed UTF-8 character at `at`, 0 where there is none. */
static size_t utf8_length(const unsigned char *at)
{
	size_t length = at[0] < 0x80                    ? 1
			: at[0] >= 0xC2 && at[0] < 0xE0 ? 2
			: at[0] >= 0xE0 && at[0] < 0xF0 ? 3
			: at[0] >= 0xF0 && at[0] < 0xF5 ? 4
							: 0;

	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	return length;
}

/* One line of readable text. */
static void flatten(char *out, size_t size, const char *text)
{
	size_t used = 0;

	while (*text) {
		size_t length = utf8_length((const unsigned char *)text);

		if (*text == '\n') {
			while (isspace((unsigned char)*text))
				text++;
			if (*text && used + 3 < size) {
				out[used++] = ';';
				out[used++] = ' ';
			}
			continue;
		}
		if (used + (length ? length : 1) + 1 > size)
			break;
		if (!length || iscntrl((unsigned char)*text)) {
			out[used++] = length ? ' ' : '?';
			text++;
			continue;
		}
		memcpy(out + used, text, length);
		used += length;
		text += length;
	}
	out[used] = '\0';
}

void sr_pg_clean(char *out, size_t size, const char *message, const PGconn *pq)
{
	char work[WORKSPACE];

	redact(work, sizeof work, message ? message : "", pq ? PQpass(pq) : NULL);
	flatten(out, size, work);
}

bool sr_pg_is_fatal(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

int sr_pg_error_result(struct sr_error *err, int code, const char *op, const PGresult *result, const PGconn *pq)
{
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	char raw[WORKSPACE], text[sizeof err->text];

	snprintf(raw, sizeof raw, "%s%s%s%s%s%s%s", primary ? primary : PQresultErrorMessage(result),
		 position ? " at character " : "", position ? position : "", detail ? "; detail: " : "",
		 detail ? detail : "", hint ? "; hint: " : "", hint ? hint : "");
	sr_pg_clean(text, sizeof text, raw, pq);
	sr_fail(err, code, op, "%s", text);
	sr_error_detail(err, sqlstate ? sqlstate : "");
	return -code;
}

/* libpq gives no code for what went wrong on this side of the wire, only English: the program sets no locale for
 * messages. */
int sr_pg_error_code(const char *message, int fallback)
{
	static const struct {
		const char *part;
		int code;
	} known[] = {
	    {"could not translate host name", SR_EDNS},
	    {"certificate", SR_ETLS},
	    {"SSL error", SR_ETLS},
	    {"does not support SSL", SR_ETLS},
	    {"lost synchronization", SR_EPROTO},
	    {"invalid response", SR_EPROTO},
	    {"unexpected response", SR_EPROTO},
	    {"expected authentication request", SR_EPROTO},
	    {"received but", SR_EPROTO},
	    {"do not agree with length", SR_EPROTO},
	    {"does not agree with length", SR_EPROTO},
	    {"insufficient data in", SR_EPROTO},
	    {"out of memory", SR_ENOMEM},
	    {"server closed the connection", SR_ECLOSED},
	    {"invalid connection option", SR_EINVAL},
	    {"invalid port number", SR_EINVAL},
	    {"invalid integer value", SR_EINVAL},
	    {" value: \"", SR_EINVAL}, /* invalid sslmode value: "..." and its like */
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strstr(message, known[i].part))
			return known[i].code;
	return fallback;
}

/* With verbose errors a refusal reads "FATAL:  28P01: password …\nLOCATION:  …": the only way to its SQLSTATE.
 * Takes both out of text; code becomes the last one, or "". */
static void take_sqlstate(char *text, char code[6])
{
	char *at = text, *location;

	code[0] = '\0';
	while ((at = strstr(at, ":  "))) {
		at += 3;
		if (strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && strncmp(at + 5, ": ", 2) == 0) {
			memcpy(code, at, 5);
			code[5] = '\0';
			memmove(at, at + 7, strlen(at + 7) + 1);
		}
	}
	while ((location = strstr(text, "\nLOCATION:"))) {
		char *end = strchr(location + 1, '\n');

		memmove(location, end ? end : "", end ? strlen(end) + 1 : 1);
	}
}

int sr_pg_error_connect(struct sr_error *err, PGconn *pq)
{
	char raw[WORKSPACE], text[sizeof err->text], sqlstate[6];

	snprintf(raw, sizeof raw, "%s", PQerrorMessage(pq));
	take_sqlstate(raw, sqlstate);
	sr_pg_clean(text, sizeof text, raw, pq);
	sr_fail(err, sqlstate[0] ? SR_ESERVER : sr_pg_error_code(raw, SR_ECONNECT), "pg.connect", "%s", text);
	sr_error_detail(err, sqlstate);
	return -err->code;
}
