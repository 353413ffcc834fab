#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static int global_rc;

static void init_process(void)
{
	struct sigaction now;

	global_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
	/* OpenSSL writes to sockets without MSG_NOSIGNAL. */
	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

int sr_http_client_new(struct sr_http_client **out, struct sr_loop *loop, const struct sr_http_options *options,
		       struct sr_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sr_http_client *client;

	*out = NULL;
	pthread_once(&once, init_process);
	if (global_rc)
		return sr_fail(err, SR_EIO, "http.client", "libcurl cannot start: %s", curl_easy_strerror(global_rc));
	client = calloc(1, sizeof *client);
	if (!client)
		return sr_fail(err, SR_ENOMEM, "http.client", "out of memory for an HTTP client");
	client->loop = loop;
	if (options)
		client->options = *options;
	if (!client->options.max_connections)
		client->options.max_connections = 1000;
	if (!client->options.idle_timeout)
		client->options.idle_timeout = 60 * SR_S;
	if (!client->options.max_head)
		client->options.max_head = (size_t)64 << 10;
	client->share = curl_share_init();
	if (!client->share) {
		free(client);
		return sr_fail(err, SR_ENOMEM, "http.client", "out of memory for an HTTP client");
	}
	curl_share_setopt(client->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	sr_timer_init(&client->sweep, loop, sr_http_pool_sweep, client);
	*out = client;
	return 0;
}

static bool has_handles(void *arg)
{
	struct sr_http_client *client = arg;

	return client->handles > 0;
}

void sr_http_client_free(struct sr_http_client *client)
{
	if (!client)
		return;
	sr_timer_stop(&client->sweep);
	sr_http_calls_free(client);
	sr_http_multi_free(client->multi);
	sr_http_pool_close(client);
	sr_loop_run_while(client->loop, has_handles, client, SR_NEVER);
	sr_http_sites_clear(client);
	curl_share_cleanup(client->share);
	free(client);
}

void sr_http_client_stats(const struct sr_http_client *client, struct sr_http_stats *stats)
{
	*stats = client->stats;
}
