#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define OP "http.request"

/* A socket must not stay open in the programs that a script starts. */
static int on_new_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

void sr_http_easy_setup(CURL *easy, const struct sr_http_origin *origin, char *problem)
{
	problem[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* else cancelling waits for the name lookup's thread */
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not even that of the environment */
	curl_easy_setopt(easy, CURLOPT_SHARE, origin->client->share);
	if (origin->unix_socket)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, origin->unix_socket);
	if (!origin->tls)
		return;
	if (origin->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, origin->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (origin->cert_file)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, origin->cert_file);
	if (origin->key_file)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, origin->key_file);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, origin->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, origin->insecure ? 0L : 2L);
}

struct meaning {
	CURLcode rc;
	enum sr_code code;
	const char *advice;
};

static const struct meaning meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, SR_EDNS, "; check the host name"},
    {CURLE_COULDNT_RESOLVE_PROXY, SR_EDNS, "; check the proxy's host name"},
    {CURLE_COULDNT_CONNECT, SR_ECONNECT, "; is the server running there?"},
    {CURLE_PROXY, SR_ECONNECT, ""},
    {CURLE_PEER_FAILED_VERIFICATION, SR_ETLS, "; name its certificate authority with ca_file, or set insecure = true"},
    {CURLE_SSL_CONNECT_ERROR, SR_ETLS, ""},
    {CURLE_SSL_CERTPROBLEM, SR_ETLS, "; check cert and key"},
    {CURLE_SSL_CACERT_BADFILE, SR_ETLS, "; check ca_file"},
    {CURLE_SSL_CIPHER, SR_ETLS, ""},
    {CURLE_SSL_ISSUER_ERROR, SR_ETLS, ""},
    {CURLE_USE_SSL_FAILED, SR_ETLS, ""},
    {CURLE_OPERATION_TIMEDOUT, SR_ETIMEOUT, ""},
    {CURLE_OUT_OF_MEMORY, SR_ENOMEM, ""},
    {CURLE_TOO_MANY_REDIRECTS, SR_ELIMIT, "; the option redirects allows no more"},
    {CURLE_GOT_NOTHING, SR_ECLOSED, ""},
    {CURLE_PARTIAL_FILE, SR_ECLOSED, ""},
    {CURLE_RECV_ERROR, SR_ECLOSED, ""},
    {CURLE_SEND_ERROR, SR_ECLOSED, ""},
    {CURLE_WEIRD_SERVER_REPLY, SR_EPROTO, ""},
    {CURLE_UNSUPPORTED_PROTOCOL, SR_EPROTO, ""},
    {CURLE_BAD_CONTENT_ENCODING, SR_EPROTO, ""},
    {CURLE_HTTP2, SR_EPROTO, ""},
    {CURLE_HTTP2_STREAM, SR_EPROTO, ""},
};

void sr_http_easy_fail(struct sr_http_call *call, CURL *easy, CURLcode rc, const char *problem)
{
	struct sr_error *err = &call->pub.op.err;
	const struct sr_http_origin *origin = call->origin;
	struct meaning meaning = {rc, SR_EIO, ""};
	char shown[SR_HTTP_SHOWN];
	long os = 0;

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].rc == rc)
			meaning = meanings[i];
	if (!problem[0])
		problem = curl_easy_strerror(rc);
	sr_http_call_show(call, shown, sizeof shown);
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os);
	if (meaning.code == SR_ECONNECT && origin->unix_socket)
		sr_fail(err, SR_ECONNECT, OP, "%s: cannot connect to the socket %s: %s%s", shown, origin->unix_socket,
			os ? strerror((int)os) : problem, meaning.advice);
	else if (meaning.code == SR_ECONNECT && os)
		sr_fail(err, SR_ECONNECT, OP, "%s: %s%s", shown, strerror((int)os), meaning.advice);
	else
		sr_fail(err, meaning.code, OP, "%s: %s%s", shown, problem, meaning.advice);
	if (meaning.code == SR_ECONNECT && os)
		sr_error_detail(err, strerrorname_np((int)os));
	sr_op_finish(&call->pub.op, -err->code);
}
