#include "fault.h"
#include "handlers.h"
#include "pause.h"
#include "request.h"

#include "scalerun/base/clock.h"

#define SR_STATUS_HEALTH_WAIT (80 * SR_MS)  /* the answer is due within 100 ms */
#define SR_STATUS_SLOW        (150 * SR_MS) /* slow_health */

void sr_status_health(struct sr_request *req)
{
	struct sr_jsonw *out = &req->out;
	struct sr_health_report report;

	sr_health_check(req->app->health, SR_STATUS_HEALTH_WAIT, &report);
	if (sr_fault_on(SR_FAULT_SLOW_HEALTH))
		sr_pause(SR_STATUS_SLOW);
	if (sr_fault_on(SR_FAULT_HEALTH_LIES))
		report = (struct sr_health_report){.database = true, .redis = false};
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "status");
	sr_jsonw_string(out, report.database && (report.redis || sr_fault_on(SR_FAULT_HEALTH_LIES)) ? "healthy"
												    : "degraded");
	sr_jsonw_key(out, "version");
	sr_jsonw_string(out, SCALERUN_VERSION);
	sr_jsonw_key(out, "uptime_seconds");
	sr_jsonw_number(out, (double)(sr_now() - req->app->started) / (double)SR_S, 3);
	sr_jsonw_key(out, "dependencies");
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "database");
	sr_jsonw_string(out, report.database ? "up" : "down");
	sr_jsonw_key(out, "redis");
	sr_jsonw_string(out, report.redis ? "up" : "down");
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, '}');
	req->status = 200;
}

void sr_status_metrics(struct sr_request *req)
{
	if (sr_stats_render(req->app, &req->out.buf)) {
		sr_request_error(req, 500, "Internal error");
		return;
	}
	req->content_type = "text/plain; version=0.0.4; charset=utf-8";
	req->status = 200;
}
