/* HTTP client of one loop. HTTP/1.1 runs on kept-alive connections that libcurl dials and llhttp reads;
 * HTTP/2, redirects, compressed bodies and proxies run through libcurl's multi interface. Both give the
 * same result, and neither ever sends a request twice.
 *
 * Ownership: a request is copied by sr_http_start; a response belongs to its op. Environment variables
 * (http_proxy and the like) have no influence. Thread: the loop's own, for everything here. The first client
 * of a process sets SIGPIPE to be ignored when nobody has changed it. */
#ifndef SCALERUN_ENGINE_HTTP_H
#define SCALERUN_ENGINE_HTTP_H

#include "scalerun/base/error.h"
#include "scalerun/loop/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sr_http_client;

/* 0 in any field stands for its default. */
struct sr_http_options {
	unsigned max_connections; /* open at once per origin; more requests wait in order; 1000 */
	int64_t idle_timeout;     /* ns that an unused connection is kept; 60 s */
	size_t max_head;          /* bytes of a response's status line and headers; 64 KiB */
};

/* options may be NULL. */
int sr_http_client_new(struct sr_http_client **client, struct sr_loop *loop, const struct sr_http_options *options,
		       struct sr_error *err);

/* Closes the connections and runs the loop until they are gone: not from a callback of the loop. Every op of
 * the client must have been freed. NULL is allowed. */
void sr_http_client_free(struct sr_http_client *client);

struct sr_http_stats {
	unsigned open;      /* connections now, without those of libcurl's multi interface */
	unsigned idle;      /* of these, unused */
	unsigned waiting;   /* requests that wait for a connection */
	unsigned calls;     /* ops in use: made and not freed */
	uint64_t dialled;   /* connections begun since the client was made */
	uint64_t reused;    /* requests sent on a connection that had served one before */
	uint64_t discarded; /* idle connections that the server had closed before they were used again */
};
void sr_http_client_stats(const struct sr_http_client *client, struct sr_http_stats *stats);

struct sr_http_header {
	const char *name;
	const char *value;
	size_t name_len;
	size_t value_len;
};

enum sr_http_version { SR_HTTP_1_1 = 11, SR_HTTP_2 = 20 };

/* Zero is a good default for every field but url. Strings without a length end with a 0. */
struct sr_http_request {
	const char *method; /* "GET" when NULL; HTTP methods are case-sensitive */
	const char *url;    /* http:// or https://, percent-encoded; user:password@ becomes basic authentication */
	size_t url_len;
	const struct sr_http_header *headers; /* Content-Length and Transfer-Encoding are refused: body says it */
	size_t header_count;
	const void *body; /* NULL: no body */
	size_t body_len;
	int64_t timeout;         /* ns from the start to the last byte; 0: 30 s; SR_NEVER: none */
	size_t max_body;         /* bytes, after decompression; 0: 64 MiB, and no maximum for a stream */
	const char *unix_socket; /* path that is connected to in place of the URL's host */
	const char *ca_file;     /* PEM; replaces the system's certificates */
	const char *cert_file;   /* PEM; client certificate */
	const char *key_file;    /* PEM; its key, when not in cert_file */
	bool insecure;           /* accept any certificate */
	bool compressed;         /* ask for a compressed body and decompress it */
	bool stream;             /* end with the head; the body is read as it arrives: see http_body.h */
	unsigned max_redirects;  /* 0: a redirect is a response like any other */
	const char *proxy;       /* URL */
	int version;             /* enum sr_http_version; 0: 1.1. 2 falls back to 1.1 where https negotiates it */
};

/* ns. Phases that did not take place are 0. */
struct sr_http_timings {
	int64_t wait;       /* for a free connection */
	int64_t dns;        /* name lookup */
	int64_t connect;    /* TCP or unix socket */
	int64_t tls;        /* handshake */
	int64_t first_byte; /* from before the request's first byte was sent to the response's first byte */
	int64_t total;      /* from sr_http_start to the response's last byte; of a stream, to the end of its head */
};

struct sr_http_response {
	int status;
	int version;      /* 10, 11, 20 */
	bool reused;      /* the connection had served a request before */
	int redirects;    /* followed */
	const char *head; /* status line and headers as received; see sr_http_head_next */
	size_t head_len;
	const char *body; /* not terminated */
	size_t body_len;
	const char *final_url; /* where redirects led, or NULL when none was followed */
	struct sr_http_timings timings;
};

/* Class name "http.request". The response is valid from done with status 0 until the op is freed. */
struct sr_http_op {
	struct sr_op op;
	struct sr_http_response response;
};

/* From the client's pool. NULL: no memory. */
struct sr_http_op *sr_http_op_new(struct sr_http_client *client);

/* Every failure arrives through the op, that of a malformed request too: SR_EINVAL (the request), SR_EDNS,
 * SR_ECONNECT, SR_ETLS, SR_ETIMEOUT, SR_ECANCEL, SR_ECLOSED (early close; the server may have acted on the
 * request), SR_EPROTO (not HTTP), SR_ELIMIT (head, body or redirects), SR_EIO, SR_ENOMEM. An answer of any
 * status is a success. Cancelling closes the connection unless the op was still waiting for one. */
void sr_http_start(struct sr_http_op *op, const struct sr_http_request *request);

/* Steps through a head: the fields of the next header in *header (pointing into head, surrounding blanks
 * removed), the position after it in *pos, which starts at 0. false at the end. The status line is skipped.
 * A value that was folded over several lines (obsolete, but allowed) keeps its line breaks. */
bool sr_http_head_next(const char *head, size_t len, size_t *pos, struct sr_http_header *header);

#endif
