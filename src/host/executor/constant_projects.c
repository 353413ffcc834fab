/* Every project's users run one iteration after the other until `duration` is over: a closed model.
 * Iterations under way at the end are finished, not cut. */
#include "executor_list.h"
#include "scalerun/base/clock.h"

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (load->duration <= 0)
		return sr_fail(err, SR_EINVAL, "load", "constant-projects needs duration, such as \"10s\"");
	if (load->iterations)
		return sr_fail(err, SR_EINVAL, "load",
			       "constant-projects runs for its duration and takes no iterations; "
			       "per-project-iterations counts them");
	return 0;
}

static int64_t next(struct sr_schedule *schedule, int user, int64_t *scheduled)
{
	int64_t now = sr_now();

	(void)user;
	if (now - schedule->start >= schedule->load->duration)
		return 0;
	*scheduled = now;
	return ++schedule->handed;
}

const struct sr_executor sr_executor_constant_projects = {
    .name = "constant-projects",
    .check = check,
    .next = next,
};
