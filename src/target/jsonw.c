#include "jsonw.h"

#include "scalerun/base/json_text.h"

#include <stdio.h>
#include <string.h>

void sr_jsonw_init(struct sr_jsonw *w, size_t max)
{
	sr_buf_init(&w->buf, max);
	w->error = 0;
	w->comma = false;
}

void sr_jsonw_deinit(struct sr_jsonw *w)
{
	sr_buf_deinit(&w->buf);
}

void sr_jsonw_clear(struct sr_jsonw *w)
{
	sr_buf_clear(&w->buf);
	w->error = 0;
	w->comma = false;
}

static void put(struct sr_jsonw *w, const char *data, size_t len)
{
	if (!w->error)
		w->error = sr_buf_append(&w->buf, data, len);
}

static void separate(struct sr_jsonw *w)
{
	if (w->comma)
		put(w, ",", 1);
	w->comma = true;
}

void sr_jsonw_begin(struct sr_jsonw *w, char bracket)
{
	separate(w);
	put(w, &bracket, 1);
	w->comma = false;
}

void sr_jsonw_end(struct sr_jsonw *w, char bracket)
{
	put(w, &bracket, 1);
	w->comma = true;
}

static void quoted(struct sr_jsonw *w, const char *text)
{
	if (!w->error)
		w->error = sr_json_quote(&w->buf, text, strlen(text));
}

void sr_jsonw_key(struct sr_jsonw *w, const char *key)
{
	separate(w);
	quoted(w, key);
	put(w, ":", 1);
	w->comma = false;
}

void sr_jsonw_string(struct sr_jsonw *w, const char *text)
{
	if (!text) {
		sr_jsonw_raw(w, "null");
		return;
	}
	separate(w);
	quoted(w, text);
}

void sr_jsonw_int(struct sr_jsonw *w, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	sr_jsonw_raw(w, text);
}

void sr_jsonw_number(struct sr_jsonw *w, double value, int decimals)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*f", decimals, value);
	sr_jsonw_raw(w, text);
}

void sr_jsonw_bool(struct sr_jsonw *w, bool value)
{
	sr_jsonw_raw(w, value ? "true" : "false");
}

void sr_jsonw_raw(struct sr_jsonw *w, const char *json)
{
	separate(w);
	put(w, json, strlen(json));
}
