#include "prom.h"

#include <stdio.h>
#include <string.h>

#define SR_PROM_LABELS 6

static void put(struct sr_prom *prom, const char *text)
{
	if (!prom->error)
		prom->error = sr_buf_append(prom->buf, text, strlen(text));
}

static void put_escaped(struct sr_prom *prom, const char *text, const char *special)
{
	for (; *text; text++) {
		char pair[3] = {'\\', *text == '\n' ? 'n' : *text, '\0'};

		put(prom, strchr(special, *text) ? pair : (char[]){*text, '\0'});
	}
}

void sr_prom_head(struct sr_prom *prom, const char *name, const char *type, const char *help)
{
	put(prom, "# HELP ");
	put(prom, name);
	put(prom, " ");
	put_escaped(prom, help, "\\\n");
	put(prom, "\n# TYPE ");
	put(prom, name);
	put(prom, " ");
	put(prom, type);
	put(prom, "\n");
}

void sr_prom_sample(struct sr_prom *prom, const char *name, const struct sr_prom_label *labels, int count, double value)
{
	char number[40];

	put(prom, name);
	for (int i = 0; i < count; i++) {
		put(prom, i == 0 ? "{" : ",");
		put(prom, labels[i].name);
		put(prom, "=\"");
		put_escaped(prom, labels[i].value, "\\\n\"");
		put(prom, "\"");
	}
	snprintf(number, sizeof(number), "%s %.15g\n", count ? "}" : "", value);
	put(prom, number);
}

void sr_prom_histogram(struct sr_prom *prom, const char *name, const struct sr_prom_label *labels, int count,
		       const double *bounds, int bound_count, const int64_t *counts, double sum)
{
	struct sr_prom_label all[SR_PROM_LABELS + 1];
	char full[128];
	char bound[32];
	int64_t total = 0;

	memcpy(all, labels, (size_t)count * sizeof(*labels));
	snprintf(full, sizeof(full), "%s_bucket", name);
	for (int i = 0; i <= bound_count; i++) {
		total += counts[i];
		if (i < bound_count)
			snprintf(bound, sizeof(bound), "%.15g", bounds[i]);
		all[count] = (struct sr_prom_label){"le", i < bound_count ? bound : "+Inf"};
		sr_prom_sample(prom, full, all, count + 1, (double)total);
	}
	snprintf(full, sizeof(full), "%s_sum", name);
	sr_prom_sample(prom, full, labels, count, sum);
	snprintf(full, sizeof(full), "%s_count", name);
	sr_prom_sample(prom, full, labels, count, (double)total);
}
