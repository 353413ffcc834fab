#include "http_fixture.h"
#include "http_server.h"

#include "scalerun/engine/http_body.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A certificate for 127.0.0.1 that nobody but itself vouches for, in PEM files of a private folder. */
struct identity {
	char folder[32], cert[64], key[64], other[64];
};

static void write_identity(const char *cert, const char *key, const char *names)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);
	X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	FILE *file;

	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -60);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, pair);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"scalerun test", -1, -1, 0);
	X509_set_issuer_name(x509, name);
	X509_add_ext(x509, alt, -1);
	assert_true(X509_sign(x509, pair, EVP_sha256()) > 0);
	file = fopen(cert, "w");
	PEM_write_X509(file, x509);
	fclose(file);
	file = fopen(key, "w");
	PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	X509_EXTENSION_free(alt);
	X509_free(x509);
	EVP_PKEY_free(pair);
}

static int make_identity(void **state)
{
	struct identity *id = calloc(1, sizeof *id);

	strcpy(id->folder, "/tmp/sr-http-XXXXXX");
	assert_non_null(mkdtemp(id->folder));
	snprintf(id->cert, sizeof id->cert, "%s/cert.pem", id->folder);
	snprintf(id->key, sizeof id->key, "%s/key.pem", id->folder);
	snprintf(id->other, sizeof id->other, "%s/other.pem", id->folder);
	write_identity(id->other, id->key, "DNS:other.invalid");
	write_identity(id->cert, id->key, "IP:127.0.0.1,DNS:localhost");
	*state = id;
	return 0;
}

static int drop_identity(void **state)
{
	struct identity *id = *state;

	unlink(id->cert);
	unlink(id->key);
	unlink(id->other);
	rmdir(id->folder);
	free(id);
	return 0;
}

static const char *path_of(const char *request, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)strcspn(request + 4, " "), request + 4);
	return out;
}

struct tls_server {
	SSL_CTX *context;
	struct server *server;
	char url[64];
};

/* /big answers with 300 KB, /drip byte by byte, /close closes after the answer, /cut within it. */
static void answer(SSL *ssl, const char *path)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n";
	char *body;

	if (strcmp(path, "/big") == 0) {
		body = malloc(300000);
		memset(body, 'b', 300000);
		SSL_write(ssl, head, sizeof head - 1);
		SSL_write(ssl, body, 300000);
		free(body);
	} else if (strcmp(path, "/drip") == 0) {
		for (size_t i = 0; i < sizeof ok - 1; i++)
			SSL_write(ssl, ok + i, 1);
	} else {
		SSL_write(ssl, ok, (int)sizeof ok - (strcmp(path, "/cut") == 0 ? 2 : 1));
	}
}

static void serve_tls(struct server *server, int fd, unsigned nth)
{
	struct tls_server *tls = server_arg(server);
	SSL *ssl = SSL_new(tls->context);
	char request[4096], path[64];
	int n;

	(void)nth;
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		while ((n = SSL_read(ssl, request, sizeof request - 1)) > 0) {
			request[n] = '\0';
			answer(ssl, path_of(request, path, sizeof path));
			if (strcmp(path, "/close") == 0 || strcmp(path, "/cut") == 0)
				break;
		}
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static void tls_start(struct tls_server *tls, const struct identity *id, bool wants_certificate)
{
	tls->context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate_file(tls->context, id->cert, SSL_FILETYPE_PEM), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(tls->context, id->key, SSL_FILETYPE_PEM), 1);
	if (wants_certificate) {
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		assert_int_equal(SSL_CTX_load_verify_locations(tls->context, id->cert, NULL), 1);
	}
	tls->server = server_start(serve_tls, tls);
	snprintf(tls->url, sizeof tls->url, "https://127.0.0.1:%d", server_port(tls->server));
}

static void tls_stop(struct tls_server *tls)
{
	server_stop(tls->server);
	SSL_CTX_free(tls->context);
}

static void get(struct exchange *exchange, struct fixture *fixture, const struct tls_server *tls, const char *path,
		struct sr_http_request request)
{
	char url[128];

	snprintf(url, sizeof url, "%s%s", tls->url, path);
	request.url = url;
	exchange_start(exchange, fixture, &request);
	exchange_wait(exchange);
}

static void refuses_unknown_certificates(void **state)
{
	const struct identity *id = *state;
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;

	tls_start(&tls, id, false);
	fixture_open(&fixture, NULL);
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){0});
	assert_says(&exchange, SR_ETLS, "self-signed certificate");
	assert_says(&exchange, SR_ETLS, "ca_file");
	exchange_end(&exchange);
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.ca_file = id->other});
	assert_int_equal(exchange.status, -SR_ETLS);
	exchange_end(&exchange);
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.ca_file = "/nonexistent/ca.pem"});
	assert_says(&exchange, SR_ETLS, "ca_file");
	exchange_end(&exchange);
	/* Through libcurl's own HTTP it is the same. */
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.compressed = true});
	assert_says(&exchange, SR_ETLS, "self-signed certificate");
	exchange_end(&exchange);
	assert_int_equal(server_requests(tls.server), 0);
	fixture_close(&fixture);
	tls_stop(&tls);
}

static void refuses_certificates_for_other_names(void **state)
{
	struct identity id = *(struct identity *)*state;
	char folder[] = "/tmp/sr-http-XXXXXX";
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;

	assert_non_null(mkdtemp(folder));
	snprintf(id.cert, sizeof id.cert, "%s/cert.pem", folder);
	snprintf(id.key, sizeof id.key, "%s/key.pem", folder);
	write_identity(id.cert, id.key, "DNS:other.invalid");
	tls_start(&tls, &id, false);
	fixture_open(&fixture, NULL);
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.ca_file = id.cert});
	assert_says(&exchange, SR_ETLS, "127.0.0.1");
	exchange_end(&exchange);
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.insecure = true});
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	fixture_close(&fixture);
	tls_stop(&tls);
	unlink(id.cert);
	unlink(id.key);
	rmdir(folder);
}

static void keeps_trusted_connections(void **state)
{
	const struct identity *id = *state;
	struct sr_http_request request = {.ca_file = id->cert};
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;

	tls_start(&tls, id, false);
	fixture_open(&fixture, NULL);
	for (int i = 0; i < 20; i++) {
		get(&exchange, &fixture, &tls, i % 2 ? "/drip" : "/", request);
		assert_body(&exchange, "ok");
		assert_int_equal(exchange.op->response.reused, i > 0);
		assert_int_equal(exchange.op->response.timings.tls > 0, i == 0);
		exchange_end(&exchange);
	}
	get(&exchange, &fixture, &tls, "/big", request);
	assert_int_equal(exchange.op->response.body_len, 300000);
	exchange_end(&exchange);
	assert_int_equal(server_connections(tls.server), 1);
	/* Trust is part of the origin: no connection made without verification serves one that asks for it. */
	get(&exchange, &fixture, &tls, "/", (struct sr_http_request){.insecure = true});
	assert_false(exchange.op->response.reused);
	exchange_end(&exchange);
	assert_int_equal(server_connections(tls.server), 2);
	fixture_close(&fixture);
	tls_stop(&tls);
}

static bool is_reading(void *arg)
{
	return ((struct sr_op *)arg)->state != SR_OP_DONE;
}

/* Decrypted bytes may wait where poll does not see them when reading goes on after a full buffer. */
static void streams_large_bodies(void **state)
{
	const struct identity *id = *state;
	struct sr_http_request request = {.ca_file = id->cert};
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange, other;
	struct sr_http_body *body;
	struct sr_op *read;
	const char *data;
	size_t n, got = 0;
	bool more;

	tls_start(&tls, id, false);
	fixture_open(&fixture, NULL);
	request.stream = true;
	get(&exchange, &fixture, &tls, "/big", request);
	assert_int_equal(exchange.status, 0);
	body = sr_http_body_take(exchange.op);
	exchange_end(&exchange);
	request.stream = false;
	for (int i = 0; i < 20; i++) { /* time to fill the buffer */
		get(&other, &fixture, &tls, "/drip", request);
		assert_body(&other, "ok");
		exchange_end(&other);
	}
	do {
		read = sr_http_body_read(body, 20 * SR_S);
		assert_int_equal(sr_loop_run_while(fixture.loop, is_reading, read, sr_now() + 30 * SR_S), 0);
		assert_int_equal(read->status, 0);
		more = sr_http_body_next(body, &data, &n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(data[i], 'b');
		got += n;
		sr_op_free(read);
	} while (more);
	assert_int_equal(got, 300000);
	sr_http_body_close(body);
	fixture_close(&fixture);
	tls_stop(&tls);
}

static bool one_discarded(const struct sr_http_stats *stats)
{
	return stats->discarded == 1;
}

static void notices_closed_connections(void **state)
{
	const struct identity *id = *state;
	struct sr_http_request request = {.ca_file = id->cert};
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;

	tls_start(&tls, id, false);
	fixture_open(&fixture, NULL);
	get(&exchange, &fixture, &tls, "/close", request);
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	fixture_until(&fixture, one_discarded);
	get(&exchange, &fixture, &tls, "/cut", request);
	assert_says(&exchange, SR_ECLOSED, "after 1 of 2 bytes");
	exchange_end(&exchange);
	assert_int_equal(fixture_stats(&fixture).open, 0);
	fixture_close(&fixture);
	tls_stop(&tls);
}

static void shows_its_own_certificate(void **state)
{
	const struct identity *id = *state;
	struct sr_http_request request = {.ca_file = id->cert};
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;

	tls_start(&tls, id, true);
	fixture_open(&fixture, NULL);
	/* TLS 1.3 tells the client of the refusal after the handshake, as an answer to its request. */
	get(&exchange, &fixture, &tls, "/", request);
	assert_true(exchange.status == -SR_ETLS || exchange.status == -SR_ECLOSED);
	exchange_end(&exchange);
	request.cert_file = id->cert;
	request.key_file = id->key;
	get(&exchange, &fixture, &tls, "/", request);
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	request.key_file = "/nonexistent/key.pem";
	get(&exchange, &fixture, &tls, "/", request);
	assert_says(&exchange, SR_ETLS, "key");
	exchange_end(&exchange);
	fixture_close(&fixture);
	tls_stop(&tls);
}

static void says_when_it_is_not_tls(void **state)
{
	struct identity *id = *state;
	struct tls_server tls;
	struct fixture fixture;
	struct exchange exchange;
	char url[64];

	tls_start(&tls, id, false);
	fixture_open(&fixture, NULL);
	snprintf(url, sizeof url, "http%s/", tls.url + 5);
	exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = url});
	exchange_wait(&exchange);
	assert_true(exchange.status == -SR_EPROTO || exchange.status == -SR_ECLOSED);
	exchange_end(&exchange);
	fixture_close(&fixture);
	tls_stop(&tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_unknown_certificates), cmocka_unit_test(refuses_certificates_for_other_names),
	    cmocka_unit_test(keeps_trusted_connections),    cmocka_unit_test(notices_closed_connections),
	    cmocka_unit_test(streams_large_bodies),         cmocka_unit_test(shows_its_own_certificate),
	    cmocka_unit_test(says_when_it_is_not_tls),
	};

	return cmocka_run_group_tests_name("http_tls", tests, make_identity, drop_identity);
}
