#include "text.h"

#include "scalerun/base/json_text.h"

#include <ctype.h>
#include <string.h>

bool sr_text_is_utf8(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t step = sr_utf8_step(text + i, len - i);

		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

static bool is_name(const char *text, const char *first, const char *rest)
{
	size_t len = strlen(text);

	return len >= 1 && len <= 100 && strchr(first, text[0]) && strspn(text, rest) == len;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

bool sr_text_is_project_id(const char *text)
{
	return is_name(text, LOWER DIGIT, LOWER DIGIT "-");
}

bool sr_text_is_task_id(const char *text)
{
	return is_name(text, LOWER UPPER DIGIT, LOWER UPPER DIGIT "._-");
}

bool sr_text_is_uuid(const char *text)
{
	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

bool sr_text_to_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
	int64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*text - '0');
	}
	if (n < min || n > max)
		return false;
	*value = n;
	return true;
}
