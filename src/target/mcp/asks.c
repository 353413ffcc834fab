#include "mcp/asks.h"

#include "jsonw.h"
#include "mcp/token.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SR_ASKS_TIMEOUT (10 * SR_S)
#define SR_ASKS_LOOK    (100 * SR_MS) /* how often to look whether the client is still there */
#define SR_ASKS_MAX     65536

struct ask {
	struct ask *next;
	char id[SR_TOKEN_SIZE];
	json_t *response;
};

struct sr_asks {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct ask *list;
};

struct sr_asks *sr_asks_new(void)
{
	struct sr_asks *asks = calloc(1, sizeof(*asks));
	pthread_condattr_t attr;

	if (!asks)
		return NULL;
	pthread_mutex_init(&asks->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&asks->answered, &attr);
	pthread_condattr_destroy(&attr);
	return asks;
}

void sr_asks_free(struct sr_asks *asks)
{
	if (!asks)
		return;
	pthread_cond_destroy(&asks->answered);
	pthread_mutex_destroy(&asks->lock);
	free(asks);
}

static void send_request(struct sr_stream *stream, const char *id, const char *method, const char *params)
{
	struct sr_jsonw out;

	sr_jsonw_init(&out, SR_ASKS_MAX);
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "jsonrpc");
	sr_jsonw_string(&out, "2.0");
	sr_jsonw_key(&out, "id");
	sr_jsonw_string(&out, id);
	sr_jsonw_key(&out, "method");
	sr_jsonw_string(&out, method);
	sr_jsonw_key(&out, "params");
	sr_jsonw_raw(&out, params);
	sr_jsonw_end(&out, '}');
	if (!out.error && sr_buf_cstr(&out.buf))
		sr_stream_send(stream, sr_buf_cstr(&out.buf));
	sr_jsonw_deinit(&out);
}

static void leave(struct sr_asks *asks, const struct ask *own)
{
	struct ask **link = &asks->list;

	while (*link != own)
		link = &(*link)->next;
	*link = own->next;
}

json_t *sr_asks_request(struct sr_asks *asks, struct sr_stream *stream, const char *method, const char *params)
{
	int64_t deadline = sr_now() + SR_ASKS_TIMEOUT;
	struct ask own = {0};

	sr_token_make(own.id);
	pthread_mutex_lock(&asks->lock);
	own.next = asks->list;
	asks->list = &own;
	send_request(stream, own.id, method, params);
	while (!own.response && sr_now() < deadline && sr_stream_open(stream)) {
		int64_t until = sr_now() + SR_ASKS_LOOK;
		struct timespec time = {.tv_sec = until / SR_S, .tv_nsec = until % SR_S};

		pthread_cond_timedwait(&asks->answered, &asks->lock, &time);
	}
	leave(asks, &own);
	pthread_mutex_unlock(&asks->lock);
	return own.response;
}

void sr_asks_answer(struct sr_asks *asks, json_t *response)
{
	const char *id = json_string_value(json_object_get(response, "id"));

	pthread_mutex_lock(&asks->lock);
	for (struct ask *ask = asks->list; ask && id; ask = ask->next) {
		if (strcmp(ask->id, id) != 0 || ask->response)
			continue;
		ask->response = json_incref(response);
		pthread_cond_broadcast(&asks->answered);
	}
	pthread_mutex_unlock(&asks->lock);
}
