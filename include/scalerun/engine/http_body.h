/* The body of a response, read as it arrives: for event streams, and for bodies that need not fit in memory.
 *
 * A request with `stream` set ends with the response's head (its deadline covers no more); what follows is taken
 * from the op and read piece by piece. Bytes that nobody reads wait in a buffer of SR_HTTP_BODY_BUFFER; once it is
 * full the connection is not read from, so the server must wait.
 *
 * Owner: who took the body, until sr_http_body_close. Thread: the loop's own. */
#ifndef SCALERUN_ENGINE_HTTP_BODY_H
#define SCALERUN_ENGINE_HTTP_BODY_H

#include "scalerun/engine/http.h"

#define SR_HTTP_BODY_BUFFER ((size_t)256 << 10)

struct sr_http_body;

/* Once, in or after the op's done with status 0, before the op is freed; the response's head stays valid until
 * then. An op whose body nobody takes closes it when it is freed. */
struct sr_http_body *sr_http_body_take(struct sr_http_op *op);

/* Waits for bytes or for the body's end; class "http.read". The caller sets done and arg before the loop goes on
 * and frees the op in or after done. Ends with 0 (sr_http_body_next tells what has come), -SR_ETIMEOUT or
 * -SR_ECANCEL (the body is as it was and can be read on), or with what has gone wrong: -SR_ECLOSED, -SR_EPROTO,
 * -SR_ELIMIT, -SR_ENOMEM, after all bytes that came before; later reads end with the same.
 * NULL while another read has not been freed: one at a time. */
struct sr_op *sr_http_body_read(struct sr_http_body *body, int64_t timeout);

/* After a read that ended with 0: hands over all bytes that have come, valid until the loop goes on. false: there
 * are none, for the body has ended. */
bool sr_http_body_next(struct sr_http_body *body, const char **data, size_t *len);

/* Closes the connection unless the body had arrived whole, and releases the body. A read that is under way ends
 * with -SR_ECANCEL and is freed as always. */
void sr_http_body_close(struct sr_http_body *body);

#endif
