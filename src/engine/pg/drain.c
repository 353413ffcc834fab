/* Statements that nobody waits for any more: the server is asked to end them, and what it still sends is
 * thrown away, before anything new goes out. A request to cancel hits whatever the server runs when it
 * arrives. So it goes out only when everything in flight is given up, and nothing follows it before it
 * is done with: no other statement can be hit. */
#include "internal.h"

bool sr_pg_draining(const struct sr_pg *pg)
{
	return pg->given_up > 0 || pg->cancel || (pg->held && !pg->tx);
}

static void settled(struct sr_pg *pg)
{
	sr_timer_stop(&pg->drain);
	pg->drain_until = 0;
	sr_pg_schedule(pg);
}

static bool roll_back(struct sr_pg *pg)
{
	struct pg_flight *flight;

	pg->rollback_due = false;
	if (PQpipelineStatus(pg->pq) == PQ_PIPELINE_OFF && !PQenterPipelineMode(pg->pq))
		return false;
	flight = sr_pg_flight_push_own(pg);
	flight->effect = PG_ROLLS_BACK;
	return sr_pg_send_unnamed(pg, "ROLLBACK") && sr_pg_flush(pg);
}

/* The end of a transaction is waited for: cancelling it would only leave it open. */
static bool cancellable(struct sr_pg *pg)
{
	const struct pg_flight *head = sr_pg_flight_head(pg);

	return pg->given_up > 0 && !pg->cancel && head->effect != PG_COMMITS && head->effect != PG_ROLLS_BACK;
}

void sr_pg_drain(struct sr_pg *pg)
{
	int64_t now;

	if (!pg->pq)
		return;
	if (!sr_pg_draining(pg)) {
		settled(pg);
		return;
	}
	if (pg->nflights > pg->given_up + pg->own)
		return; /* somebody waits: a deadline ends that */
	now = sr_now();
	if (!pg->drain_until)
		pg->drain_until = now + PG_DRAIN_TIMEOUT;
	if (pg->rollback_due && !pg->nflights && !pg->cancel) {
		if (!roll_back(pg)) {
			sr_pg_lost(pg);
			return;
		}
	} else if (cancellable(pg)) {
		sr_pg_cancel_start(pg); /* should it fail, the next try is the timer's */
	}
	sr_timer_start(&pg->drain, now + PG_CANCEL_RETRY < pg->drain_until ? now + PG_CANCEL_RETRY : pg->drain_until);
}

void sr_pg_drain_timer(struct sr_timer *timer, void *arg)
{
	struct sr_pg *pg = arg;

	(void)timer;
	if (pg->drain_until && sr_now() >= pg->drain_until)
		sr_pg_break(pg, SR_ECLOSED, NULL,
			    "the connection was closed: the server did not end a cancelled statement within %d s",
			    (int)(PG_DRAIN_TIMEOUT / SR_S));
	else
		sr_pg_drain(pg);
}

void sr_pg_give_up(struct sr_pg *pg, struct pg_flight *flight)
{
	flight->given_up = true;
	pg->given_up++;
	sr_pg_drain(pg);
}
