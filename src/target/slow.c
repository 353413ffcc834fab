#include "slow.h"

#include "fault.h"
#include "pause.h"
#include "request.h"

#include "scalerun/base/clock.h"

#define SR_SLOW_RECENT (500 * SR_MS) /* how long a project counts as active after its last request */
#define SR_SLOW_TAIL   (300 * SR_MS)

void sr_slow_request(const struct sr_request *req)
{
	if (!req->project)
		return;
	if (sr_fault_on(SR_FAULT_SLOW_UNDER_LOAD) &&
	    sr_flights_recent(req->app->flights, req->project_index, SR_SLOW_RECENT))
		sr_pause((sr_now() - req->begun) * 3 / 10);
	if (sr_fault_due(SR_FAULT_SLOW_TAIL))
		sr_pause(SR_SLOW_TAIL);
}
