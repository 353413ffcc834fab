#include "options.h"

#include <stdlib.h>
#include <string.h>

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		wipe(list[i]);
	free(list);
}

static char **copy_list(const char *const *from, size_t count)
{
	char **list = calloc(count + 1, sizeof *list);

	for (size_t i = 0; list && i < count; i++) {
		list[i] = strdup(from[i]);
		if (!list[i]) {
			free_list(list);
			return NULL;
		}
	}
	return list;
}

bool sr_pg_options_copy(struct pg_options *to, const struct sr_pg_options *from)
{
	size_t count = 0;

	while (from->keywords && from->keywords[count])
		count++;
	*to = (struct pg_options){.all = *from};
	to->dsn = from->dsn ? strdup(from->dsn) : NULL;
	to->keywords = copy_list(from->keywords, count);
	to->values = copy_list(from->values, count);
	if ((from->dsn && !to->dsn) || !to->keywords || !to->values) {
		sr_pg_options_deinit(to);
		return false;
	}
	to->all.dsn = to->dsn;
	to->all.keywords = (const char *const *)to->keywords;
	to->all.values = (const char *const *)to->values;
	return true;
}

void sr_pg_options_deinit(struct pg_options *options)
{
	wipe(options->dsn);
	free_list(options->keywords);
	free_list(options->values);
	*options = (struct pg_options){0};
}
