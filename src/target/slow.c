#include "slow.h"

#include "fault.h"
#include "pause.h"
#include "request.h"

#include "scalerun/base/clock.h"

#define SR_SLOW_RECENT (500 * SR_MS) /* how long a project counts as active after its last request */
#define SR_SLOW_WAIT   (60 * SR_MS)
#define SR_SLOW_GONE   (100 * SR_MS) /* the same for wait_under_load: who is alone again soon has nothing to wait for */
#define SR_SLOW_TAIL   (300 * SR_MS)

bool sr_slow_needs_flights(void)
{
	return sr_fault_on(SR_FAULT_SLOW_UNDER_LOAD) || sr_fault_on(SR_FAULT_WAIT_UNDER_LOAD);
}

void sr_slow_request(const struct sr_request *req)
{
	const struct sr_app *app = req->app;

	if (!req->project)
		return;
	if (app->options->service_time)
		sr_pause(app->options->service_time);
	if (sr_fault_on(SR_FAULT_SLOW_UNDER_LOAD) &&
	    sr_flights_recent(app->flights, req->project_index, SR_SLOW_RECENT))
		sr_pause((sr_now() - req->begun) * 3 / 10);
	if (sr_fault_on(SR_FAULT_WAIT_UNDER_LOAD) && sr_flights_recent(app->flights, req->project_index, SR_SLOW_GONE))
		sr_pause(SR_SLOW_WAIT);
	if (sr_fault_due(SR_FAULT_SLOW_TAIL))
		sr_pause(SR_SLOW_TAIL);
}
