/* What the files of the HTTP engine share.
 *
 * call        one request and its response; embeds the public op; pooled by the client
 * origin      where connections lead: scheme, host, port, unix socket, TLS options; owns its connections
 * site        a cache entry: the text "scheme://authority" as scripts write it, and its origin
 * connection  one socket; belongs to its origin; while ACTIVE or DIALLING it has exactly one call
 * transport   how a call is carried: `direct` (connections of ours) or `multi` (libcurl does it all)
 * body        what is read of a streamed response; part of its call, which then outlives the public op
 * drive       a libcurl multi handle whose sockets and timeouts are watched by the loop
 */
#ifndef SR_HTTP_INTERNAL_H
#define SR_HTTP_INTERNAL_H

#include "scalerun/base/buf.h"
#include "scalerun/base/clock.h"
#include "scalerun/engine/http.h"
#include "scalerun/engine/http_body.h"
#include "scalerun/loop/loop.h"
#include "scalerun/loop/timer.h"

#include <curl/curl.h>
#include <llhttp.h>
#include <uv.h>

#define SR_HTTP_SITES       256 /* places in the site cache; a power of two */
#define SR_HTTP_KEPT_BUFFER ((size_t)256 << 10)

struct sr_http_call;
struct sr_http_conn;
struct sr_http_multi;

struct sr_http_url {
	bool tls;
	bool ipv6; /* the host stood in brackets, which are not part of it */
	unsigned port;
	const char *host, *user; /* user: "name:password" as written, or NULL */
	size_t host_len, user_len;
};

struct sr_http_origin {
	struct sr_http_client *client;
	struct sr_http_origin *next; /* in client->origins */
	bool tls, insecure;
	char *url;                                          /* "https://host:port", what libcurl dials */
	char *preamble;                                     /* "Host: …\r\nUser-Agent: …\r\n" */
	char *unix_socket, *ca_file, *cert_file, *key_file; /* or NULL */
	size_t preamble_len, host_line_len;                 /* the Host line alone is the preamble's beginning */
	unsigned refs;                                      /* sites, calls and connections that name it */
	unsigned open;                                      /* connections, dialling ones included */
	struct sr_http_conn *idle, *idle_last;              /* the one used last is first */
	struct sr_http_call *waiting, *waiting_last;
};

struct sr_http_site {
	struct sr_http_origin *origin;
	char *prefix; /* "https://name:password@host:8443", as written */
	size_t prefix_len;
	char *authorization; /* "Authorization: Basic …\r\n", or NULL */
};

struct sr_http_client {
	struct sr_loop *loop;
	struct sr_http_options options;
	struct sr_http_origin *origins;
	struct sr_http_site *sites[SR_HTTP_SITES];
	struct sr_http_site *last_site; /* among them, or NULL */
	struct sr_http_call *free_calls;
	unsigned free_count;
	struct sr_timer sweep;       /* closes what was idle for too long */
	CURLSH *share;               /* one DNS cache for all dials */
	struct sr_http_multi *multi; /* made on first use */
	unsigned handles;            /* uv handles that are open or closing */
	struct sr_http_stats stats;
};

/* libcurl tells which sockets and which timeout it waits for; `after` runs once it has made progress,
 * outside libcurl's callbacks, as the last thing: it may deinit the drive. */
struct sr_http_drive {
	struct sr_http_client *client;
	CURLM *multi;
	struct sr_timer timer;
	struct sr_http_watch *watches;
	void (*after)(struct sr_http_drive *drive);
};

enum sr_http_conn_state { SR_HTTP_DIALLING, SR_HTTP_ACTIVE, SR_HTTP_IDLE, SR_HTTP_CLOSED };

/* How bytes get through an open connection. Both return a count, 0 for the peer's end (recv only), or
 * a negative errno value, -EAGAIN among them. */
struct sr_http_stream {
	ssize_t (*send)(struct sr_http_conn *conn, const void *data, size_t len);
	ssize_t (*recv)(struct sr_http_conn *conn, void *data, size_t len);
	/* recv may leave bytes behind that poll does not see, so it is called until -EAGAIN. */
	bool hides;
};
extern const struct sr_http_stream sr_http_plain, sr_http_tls;

struct sr_http_conn {
	uv_poll_t poll;
	struct sr_http_origin *origin;
	struct sr_http_call *call;
	struct sr_http_conn *prev, *next; /* in origin->idle */
	const struct sr_http_stream *stream;
	enum sr_http_conn_state state;
	int fd;
	bool polled;          /* poll is initialised */
	bool served;          /* a response was read from it */
	bool watches_writing; /* poll asks for writability too */
	bool paused;          /* poll does not ask for readability: the reader of a stream is behind */
	int64_t idle_since;
	int64_t dns, connect, tls; /* of the dial */
	CURL *easy;                /* while dialling, and for TLS for good */
	struct sr_http_drive drive;
	char problem[CURL_ERROR_SIZE];
};

struct sr_http_transport {
	void (*start)(struct sr_http_call *call, const struct sr_http_request *request);
	/* As in struct sr_op_class. */
	void (*cancel)(struct sr_http_call *call, int code);
};
extern const struct sr_http_transport sr_http_direct, sr_http_through_multi;

struct sr_http_body {
	struct sr_op read;
	size_t passed_on; /* bytes that the reader has taken */
	bool taken;       /* has an owner of its own: the op's end is not the call's */
	bool reading;     /* read is in use */
	bool ended;       /* the body has arrived whole */
	bool failed;      /* it never will; the public op's err says why */
	bool closed;      /* released as soon as nobody reads */
};

struct sr_http_call {
	struct sr_http_op pub; /* first: the public op is the call */
	struct sr_http_client *client;
	struct sr_http_call *prev, *next; /* in origin->waiting, or next alone in client->free_calls */
	const struct sr_http_transport *transport;
	struct sr_http_origin *origin;
	struct sr_http_conn *conn; /* direct: while ACTIVE or DIALLING */
	bool queued;               /* direct: in origin->waiting */

	/* request */
	struct sr_buf out;
	size_t sent;
	size_t target, target_len; /* of the request line, within out: for messages */
	char method[24];
	size_t max_body;
	bool is_head;
	bool wants_close; /* the request says Connection: close */
	bool broken;      /* sending failed; the answer may have arrived all the same */

	/* response: `in` holds the head and, right after it, the body */
	struct sr_buf in;
	llhttp_t parser;
	size_t parsed;   /* bytes of `in` that the parser has seen (or that it has turned into body) */
	size_t head_len; /* known once has_head */
	size_t body_end; /* within in */
	size_t interim;  /* bytes of 1xx responses already dropped */
	bool has_head, complete, keep_alive;
	int64_t dialled, sending, first_byte; /* sr_now() times; 0: not yet, or not at all */
	bool streams;
	struct sr_http_body stream; /* where it streams */

	/* multi */
	CURL *easy; /* kept with the call for its next use */
	struct curl_slist *lines;
	unsigned attempts; /* times libcurl was about to send */
	bool resend_refused;
	char problem[CURL_ERROR_SIZE];
};

/* url.c */
/* The length of "scheme://authority"; 0 when there is none. */
size_t sr_http_url_prefix(const char *url, size_t len);
int sr_http_url_parse(const char *prefix, size_t len, struct sr_http_url *url, struct sr_error *err);
int sr_http_target_check(const char *target, size_t *len, struct sr_error *err); /* cuts the fragment off */
/* The URL for messages: without userinfo, cut to size. */
void sr_http_url_show(const char *url, size_t len, char *out, size_t size);

/* site.c */
/* The site of a request's URL, whose prefix_len is the length of "scheme://authority". It stays valid until the
 * next call; who keeps the origin counts a ref. */
int sr_http_site_find(struct sr_http_client *client, const struct sr_http_request *request,
		      const struct sr_http_site **site, struct sr_error *err);
void sr_http_origin_ref(struct sr_http_origin *origin);
void sr_http_origin_unref(struct sr_http_origin *origin); /* may free it */
void sr_http_sites_clear(struct sr_http_client *client);

/* writer.c */
/* Checks method and headers; then fills call->out with the whole request. */
int sr_http_request_check(const struct sr_http_request *request, struct sr_error *err);
int sr_http_request_write(struct sr_http_call *call, const struct sr_http_request *request,
			  const struct sr_http_site *site, const char *target, size_t target_len, struct sr_error *err);

/* call.c */
/* Fills the public response and finishes the op; direct transport. */
void sr_http_call_complete(struct sr_http_call *call, const struct sr_http_conn *conn);
/* "GET http://host/path", for messages. Returns out. */
const char *sr_http_call_show(const struct sr_http_call *call, char *out, size_t size);
#define SR_HTTP_SHOWN 256
void sr_http_call_recycle(struct sr_http_call *call);   /* back to the pool */
void sr_http_calls_free(struct sr_http_client *client); /* those in the pool */

/* parser.c */
enum sr_http_parse { SR_HTTP_MORE, SR_HTTP_DONE, SR_HTTP_FAILED };
void sr_http_parse_begin(struct sr_http_call *call);
/* Parses what was added to call->in. FAILED: the op's error is filled. */
enum sr_http_parse sr_http_parse(struct sr_http_call *call);
/* The same at the peer's end of the stream. */
enum sr_http_parse sr_http_parse_end(struct sr_http_call *call);
/* Room in call->in for the next read; its size, 0 while the reader of a stream is behind, or -SR_E…. */
ssize_t sr_http_parse_room(struct sr_http_call *call);

/* body.c: what the connection tells of a call that streams */
void sr_http_body_arrived(struct sr_http_call *call, const struct sr_http_conn *conn);
void sr_http_body_ended(struct sr_http_call *call);
void sr_http_body_failed(struct sr_http_call *call);       /* the public op's err is filled */
size_t sr_http_body_room(const struct sr_http_call *call); /* bytes that may be received now */

/* pool.c */
void sr_http_pool_acquire(struct sr_http_call *call);              /* sends at once, dials, or queues */
void sr_http_pool_leave(struct sr_http_call *call);                /* out of the queue */
void sr_http_pool_release(struct sr_http_conn *conn, int64_t now); /* usable again: next in the queue, or idle */
void sr_http_pool_forget(struct sr_http_conn *conn);               /* closed */
void sr_http_pool_unidle(struct sr_http_conn *conn);
void sr_http_pool_sweep(struct sr_timer *timer, void *arg);
void sr_http_pool_close(struct sr_http_client *client); /* all idle connections */

/* dial.c */
void sr_http_dial(struct sr_http_origin *origin, struct sr_http_call *call);

/* conn.c */
void sr_http_conn_opened(struct sr_http_conn *conn); /* dialled: watches the socket and sends */
void sr_http_conn_use(struct sr_http_conn *conn, struct sr_http_call *call, int64_t now); /* sends */
void sr_http_conn_resume(struct sr_http_conn *conn);                                      /* there is room again */
bool sr_http_conn_usable(struct sr_http_conn *conn, int64_t now);
void sr_http_conn_close(struct sr_http_conn *conn); /* frees it when libuv has let go */

/* drive.c */
int sr_http_drive_init(struct sr_http_drive *drive, struct sr_http_client *client,
		       void (*after)(struct sr_http_drive *drive));
/* Stops watching; the multi handle stays usable for curl_easy_send and _recv. */
void sr_http_drive_stop(struct sr_http_drive *drive);
void sr_http_drive_deinit(struct sr_http_drive *drive); /* no easy handle may be left in it */

/* easy.c */
/* What every easy handle is set to: where to connect and whom to trust. */
void sr_http_easy_setup(CURL *easy, const struct sr_http_origin *origin, char *problem);
/* Finishes the op with what libcurl reported. */
void sr_http_easy_fail(struct sr_http_call *call, CURL *easy, CURLcode rc, const char *problem);

/* multi.c */
void sr_http_multi_free(struct sr_http_multi *multi);

#endif
