/* Every project runs `iterations` iterations, shared among its users: whoever is free takes the next. */
#include "executor_list.h"

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (load->iterations < 1)
		return sr_fail(err, SR_EINVAL, "load", "per-project-iterations needs iterations = N, at least 1");
	if (load->duration)
		return sr_fail(err, SR_EINVAL, "load",
			       "per-project-iterations ends after its iterations and takes no duration; "
			       "constant-projects runs for a duration");
	return 0;
}

static int64_t total(const struct sr_load *load)
{
	return load->iterations;
}

static bool over(const struct sr_schedule *schedule, int64_t at)
{
	(void)at;
	return schedule->handed >= schedule->load->iterations;
}

static int64_t take(struct sr_schedule *schedule, int64_t at)
{
	return over(schedule, at) ? 0 : ++schedule->handed;
}

const struct sr_executor sr_executor_per_project_iterations = {
    .name = "per-project-iterations",
    .check = check,
    .total = total,
    .take = take,
    .over = over,
};
