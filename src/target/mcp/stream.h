/* An answer as server-sent events: a thread of its own does the work and sends events while the
 * connection's thread passes them on. */
#ifndef TARGET_MCP_STREAM_H
#define TARGET_MCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sr_stream;

typedef void sr_stream_work(struct sr_stream *stream, void *arg);

/* Starts the work; NULL: no memory or no thread, and the work has not begun. release(arg) comes when all
 * is over, in sr_stream_free. */
struct sr_stream *sr_stream_new(sr_stream_work *work, void (*release)(void *arg), void *arg);

/* Ends sending (events are dropped from now on), waits for the work to return. NULL is fine. */
void sr_stream_free(struct sr_stream *stream);

/* Sends one JSON-RPC message, whole. From the work. */
void sr_stream_send(struct sr_stream *stream, const char *json);

/* Whether anyone still reads. */
bool sr_stream_open(struct sr_stream *stream);

/* For the HTTP library: waits for bytes; a comment goes out where nothing has for a while. Returns how
 * many, or -1 at the end. stream is the void pointer. */
ssize_t sr_stream_read(void *stream, uint64_t position, char *out, size_t max);

#endif
