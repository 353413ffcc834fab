#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

struct pg_notices {
	unsigned first, count;
	uint64_t lost;
	struct sr_pg_notice ring[SR_PG_NOTICES];
};

static void copy_field(char *out, size_t size, const PGresult *result, int field)
{
	const char *value = PQresultErrorField(result, field);

	snprintf(out, size, "%s", value ? value : "");
}

/* libpq has no query to tie an error to while none is in flight: that is how a server says that it shuts down. */
static void last_words(struct sr_pg *pg, const PGresult *result)
{
	copy_field(pg->fatal_state, sizeof pg->fatal_state, result, PG_DIAG_SQLSTATE);
	sr_pg_clean(pg->fatal, sizeof pg->fatal, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), pg->pq);
}

void sr_pg_notice_receive(void *arg, const PGresult *result)
{
	struct sr_pg *pg = arg;
	struct pg_notices *notices = pg->notices;
	struct sr_pg_notice *notice;

	if (sr_pg_is_fatal(result)) {
		last_words(pg, result);
		return;
	}
	if (!notices)
		notices = pg->notices = calloc(1, sizeof *notices);
	if (!notices)
		return;
	if (notices->count == SR_PG_NOTICES) {
		notices->first = (notices->first + 1) % SR_PG_NOTICES;
		notices->count--;
		notices->lost++;
	}
	notice = &notices->ring[(notices->first + notices->count++) % SR_PG_NOTICES];
	copy_field(notice->severity, sizeof notice->severity, result, PG_DIAG_SEVERITY_NONLOCALIZED);
	copy_field(notice->sqlstate, sizeof notice->sqlstate, result, PG_DIAG_SQLSTATE);
	sr_pg_clean(notice->text, sizeof notice->text, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), pg->pq);
}

bool sr_pg_notice_take(struct sr_pg *pg, struct sr_pg_notice *notice)
{
	struct pg_notices *notices = pg->notices;

	if (!notices || !notices->count)
		return false;
	*notice = notices->ring[notices->first];
	notices->first = (notices->first + 1) % SR_PG_NOTICES;
	notices->count--;
	return true;
}

uint64_t sr_pg_notices_lost(const struct sr_pg *pg)
{
	return pg->notices ? pg->notices->lost : 0;
}

void sr_pg_notices_free(struct sr_pg *pg)
{
	free(pg->notices);
	pg->notices = NULL;
}
