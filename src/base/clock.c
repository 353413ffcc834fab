#include "scalerun/base/clock.h"

#include "scalerun/base/error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * SR_S + ts.tv_nsec;
}

int64_t sr_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t sr_wall_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t sr_thread_cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t unit_of(const char *text)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
	    {"ns", 1}, {"us", SR_US}, {"ms", SR_MS}, {"s", SR_S}, {"m", 60 * SR_S}, {"h", 3600 * SR_S},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name) == 0)
			return units[i].ns;
	}
	return 0;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* By hand and not with strtod: exact to the nanosecond, and the same in every locale. */
int sr_duration_parse(const char *text, int64_t *ns)
{
	int64_t whole = 0, fraction = 0, scale = 1, unit, part;

	if (!is_digit(*text))
		return -SR_EINVAL;
	for (; is_digit(*text); text++) {
		int digit = *text - '0';

		if (whole > (SR_NEVER - digit) / 10)
			return -SR_EINVAL;
		whole = whole * 10 + digit;
	}
	if (*text == '.') {
		text++;
		if (!is_digit(*text))
			return -SR_EINVAL;
		for (; is_digit(*text); text++) {
			/* Further digits are less than a nanosecond, even of an hour. */
			if (scale < INT64_C(1000000000000000)) {
				fraction = fraction * 10 + (*text - '0');
				scale *= 10;
			}
		}
	}
	unit = unit_of(text);
	if (!unit)
		return -SR_EINVAL;
	part = (int64_t)((long double)fraction * (long double)unit / (long double)scale + 0.5L);
	if (whole > (SR_NEVER - 1 - part) / unit)
		return -SR_EINVAL;
	*ns = whole * unit + part;
	return 0;
}

void sr_wall_format(int64_t wall, char out[25])
{
	int64_t ms = wall / SR_MS - (wall % SR_MS < 0);
	int64_t s = ms / 1000 - (ms % 1000 < 0);
	time_t seconds = (time_t)s;
	struct tm tm;
	char date[24];

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, 25, "%.19s.%03uZ", date, (unsigned)(ms - s * 1000) % 1000u);
}
