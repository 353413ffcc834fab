#include "route.h"

#include "handlers.h"
#include "mcp/mcp.h"

#include <stdio.h>
#include <string.h>

static const struct sr_route routes[] = {
    {"GET", "/tasks/next", sr_tasks_next, SR_ROUTE_SAFE},
    {"GET", "/tasks", sr_tasks_list, SR_ROUTE_SAFE},
    {"PUT", "/tasks/{id}/status", sr_tasks_set_status, 0},
    {"POST", "/tasks/batch", sr_batch_add, 0},
    {"GET", "/ids/next", sr_ids_next, 0},
    {"POST", "/ids/reserve", sr_reservations_reserve, 0},
    {"POST", "/ids/confirm", sr_reservations_confirm, 0},
    {"DELETE", "/ids/reservations/expired", sr_reservations_delete_expired, 0},
    {"POST", SR_MCP_ENDPOINT, sr_mcp_post, SR_ROUTE_GUARDED},
    {"GET", SR_MCP_ENDPOINT "/resources/sdlc/core", sr_mirror_sdlc, SR_ROUTE_GUARDED | SR_ROUTE_SAFE},
    {"GET", SR_MCP_ENDPOINT "/resources/patterns/{name}", sr_mirror_pattern, SR_ROUTE_GUARDED | SR_ROUTE_SAFE},
    {"GET", SR_MCP_ENDPOINT "/resources/templates/{name}", sr_mirror_template, SR_ROUTE_GUARDED | SR_ROUTE_SAFE},
    {"GET", "/health", sr_status_health, SR_ROUTE_OPEN | SR_ROUTE_SAFE},
    {"GET", "/metrics", sr_status_metrics, SR_ROUTE_OPEN | SR_ROUTE_SAFE},
};
#define SR_ROUTES (int)(sizeof(routes) / sizeof(routes[0]))

int sr_route_count(void)
{
	return SR_ROUTES;
}

int sr_route_index(const struct sr_route *route)
{
	return route ? (int)(route - routes) : SR_ROUTES;
}

const char *sr_route_name(int index)
{
	return index < SR_ROUTES ? routes[index].pattern : "none";
}

static bool match_pattern(struct sr_request *req, const char *pattern)
{
	int args = 0;

	for (int i = 0; i < req->url.segment_count; i++) {
		size_t len;

		if (*pattern != '/')
			return false;
		len = strcspn(++pattern, "/");
		if (*pattern == '{') {
			if (args == SR_REQUEST_ARGS || !*req->url.segments[i])
				return false;
			req->args[args++] = req->url.segments[i];
		} else if (strlen(req->url.segments[i]) != len || memcmp(req->url.segments[i], pattern, len) != 0) {
			return false;
		}
		pattern += len;
	}
	return *pattern == '\0';
}

static bool match_method(const struct sr_route *route, const char *method)
{
	return strcmp(method, route->method) == 0 || ((route->flags & SR_ROUTE_SAFE) && strcmp(method, "HEAD") == 0);
}

int sr_route_match(struct sr_request *req)
{
	size_t used = 0;

	for (int i = 0; i < SR_ROUTES; i++) {
		if (!match_pattern(req, routes[i].pattern))
			continue;
		if (match_method(&routes[i], req->method)) {
			req->route = &routes[i];
			return 0;
		}
		used += (size_t)snprintf(req->allow + used, sizeof(req->allow) - used, "%s%s%s", used ? ", " : "",
					 routes[i].method, (routes[i].flags & SR_ROUTE_SAFE) ? ", HEAD" : "");
	}
	return used ? 405 : 404;
}
