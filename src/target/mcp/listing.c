#include "mcp/listing.h"

#include "app.h"
#include "request.h"

void sr_listing_answer(struct sr_call *call, const char *list, const struct sr_names *names, sr_listing_write *write)
{
	struct sr_page page;
	const char *cursor;

	if (!sr_call_string(call, "cursor", false, SR_NAMES_CURSOR, &cursor))
		return;
	if (!sr_names_page(names, list, cursor, call->req->app->options->page_size, &page)) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS,
			     "params.cursor: invalid; allowed: the nextCursor of an earlier answer");
		return;
	}
	sr_jsonw_begin(&call->result, '{');
	sr_jsonw_key(&call->result, list);
	sr_jsonw_begin(&call->result, '[');
	for (int i = page.begin; i < page.end; i++)
		write(call, names->items[i]);
	sr_jsonw_end(&call->result, ']');
	if (page.next[0]) {
		sr_jsonw_key(&call->result, "nextCursor");
		sr_jsonw_string(&call->result, page.next);
	}
	sr_jsonw_end(&call->result, '}');
}
