#include "internal.h"

#include <stdlib.h>

struct sr_http_watch {
	uv_poll_t poll;
	struct sr_http_client *client;
	struct sr_http_drive *drive;
	struct sr_http_watch *prev, *next;
	curl_socket_t fd;
};

static void advance(struct sr_http_drive *drive, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(drive->multi, fd, events, &running);
	drive->after(drive);
}

static void on_timer(struct sr_timer *timer, void *arg)
{
	(void)timer;
	advance(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sr_http_watch *watch = poll->data;
	int seen = 0;

	if (status < 0)
		seen = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		seen |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		seen |= CURL_CSELECT_OUT;
	advance(watch->drive, watch->fd, seen);
}

static void closed(uv_handle_t *handle)
{
	struct sr_http_watch *watch = handle->data;

	watch->client->handles--;
	free(watch);
}

static void unwatch(struct sr_http_watch *watch)
{
	struct sr_http_drive *drive = watch->drive;

	if (watch->prev)
		watch->prev->next = watch->next;
	else
		drive->watches = watch->next;
	if (watch->next)
		watch->next->prev = watch->prev;
	curl_multi_assign(drive->multi, watch->fd, NULL);
	uv_close((uv_handle_t *)&watch->poll, closed);
}

static struct sr_http_watch *watch_new(struct sr_http_drive *drive, curl_socket_t fd)
{
	struct sr_http_watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		return NULL;
	if (uv_poll_init(sr_loop_uv(drive->client->loop), &watch->poll, fd) < 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->client = drive->client;
	watch->drive = drive;
	watch->fd = fd;
	watch->next = drive->watches;
	if (watch->next)
		watch->next->prev = watch;
	drive->watches = watch;
	drive->client->handles++;
	curl_multi_assign(drive->multi, fd, watch);
	return watch;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct sr_http_drive *drive = arg;
	struct sr_http_watch *watch = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			unwatch(watch);
		return 0;
	}
	if (!watch)
		watch = watch_new(drive, fd);
	if (!watch)
		return -1; /* libcurl fails its transfers */
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&watch->poll, events, on_poll);
	return 0;
}

static int on_timeout(CURLM *multi, long milliseconds, void *arg)
{
	struct sr_http_drive *drive = arg;

	(void)multi;
	if (milliseconds < 0)
		sr_timer_stop(&drive->timer);
	else
		sr_timer_start(&drive->timer, sr_now() + milliseconds * SR_MS);
	return 0;
}

int sr_http_drive_init(struct sr_http_drive *drive, struct sr_http_client *client,
		       void (*after)(struct sr_http_drive *drive))
{
	*drive = (struct sr_http_drive){.client = client, .after = after, .multi = curl_multi_init()};
	if (!drive->multi)
		return -SR_ENOMEM;
	sr_timer_init(&drive->timer, client->loop, on_timer, drive);
	curl_multi_setopt(drive->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(drive->multi, CURLMOPT_SOCKETDATA, drive);
	curl_multi_setopt(drive->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(drive->multi, CURLMOPT_TIMERDATA, drive);
	return 0;
}

void sr_http_drive_stop(struct sr_http_drive *drive)
{
	curl_multi_setopt(drive->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	curl_multi_setopt(drive->multi, CURLMOPT_TIMERFUNCTION, NULL);
	while (drive->watches)
		unwatch(drive->watches);
	sr_timer_stop(&drive->timer);
}

void sr_http_drive_deinit(struct sr_http_drive *drive)
{
	sr_http_drive_stop(drive);
	curl_multi_cleanup(drive->multi);
	drive->multi = NULL;
}
