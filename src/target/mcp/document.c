#include "mcp/document.h"

#include "mcp/document_text.h"
#include "mcp/rules.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SR_DOCUMENT_BLOCK 1200 /* no block is longer */

static const struct sr_document documents[] = {
    {SR_KIND_SDLC, "core", "Software Development Life Cycle: Core", 33},
    {SR_KIND_PATTERNS, "caching", "Pattern: Caching", 7},
    {SR_KIND_PATTERNS, "error-handling", "Pattern: Error Handling", 9},
    {SR_KIND_PATTERNS, "testing", "Pattern: Testing", 12},
    {SR_KIND_PATTERNS, "observability", "Pattern: Observability", 16},
    {SR_KIND_PATTERNS, "api-design", "Pattern: API Design", 24},
    {SR_KIND_PATTERNS, "security", "Pattern: Security", 31},
    {SR_KIND_PATTERNS, "architecture", "Pattern: Architecture", 43},
    {SR_KIND_TEMPLATES, "adr", "Template: Architecture Decision Record", 4},
    {SR_KIND_TEMPLATES, "spike", "Template: Spike", 8},
    {SR_KIND_TEMPLATES, "vision", "Template: Product Vision", 9},
    {SR_KIND_TEMPLATES, "task", "Template: Implementation Task", 10},
    {SR_KIND_TEMPLATES, "initiative", "Template: Initiative", 12},
    {SR_KIND_TEMPLATES, "epic", "Template: Epic", 18},
    {SR_KIND_TEMPLATES, "hls", "Template: High-Level Story", 22},
    {SR_KIND_TEMPLATES, "story", "Template: Backlog Story", 28},
    {SR_KIND_TEMPLATES, "prd", "Template: Product Requirements Document", 40},
    {SR_KIND_TEMPLATES, "spec", "Template: Technical Specification", 74},
    {SR_KIND_GENERATORS, "adr", "Generator: Architecture Decision Record", 10},
    {SR_KIND_GENERATORS, "spike", "Generator: Spike", 12},
    {SR_KIND_GENERATORS, "product-vision", "Generator: Product Vision", 14},
    {SR_KIND_GENERATORS, "initiative", "Generator: Initiative", 16},
    {SR_KIND_GENERATORS, "epic", "Generator: Epic", 22},
    {SR_KIND_GENERATORS, "hls", "Generator: High-Level Story", 26},
    {SR_KIND_GENERATORS, "implementation-task", "Generator: Implementation Task", 30},
    {SR_KIND_GENERATORS, "prd", "Generator: Product Requirements Document", 38},
    {SR_KIND_GENERATORS, "tech-spec", "Generator: Technical Specification", 44},
    {SR_KIND_GENERATORS, "backlog-story", "Generator: Backlog Story", 50},
};

struct writer {
	struct sr_buf *buf;
	uint64_t seed;
	int rc;
};

int sr_document_count(void)
{
	return (int)(sizeof(documents) / sizeof(documents[0]));
}

const struct sr_document *sr_document_at(int index)
{
	return &documents[index];
}

/* splitmix64 */
static unsigned draw(struct writer *w, unsigned bound)
{
	uint64_t z = w->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z ^ z >> 31) % bound);
}

static void put(struct writer *w, const char *text)
{
	if (!w->rc)
		w->rc = sr_buf_append(w->buf, text, strlen(text));
}

static const char *pick(struct writer *w, const struct sr_words *words)
{
	return words->items[draw(w, (unsigned)words->count)];
}

/* A sentence pattern with %a actor, %v verb, %o object and %w condition filled in, its first letter large. */
static void put_sentence(struct writer *w)
{
	const char *p = pick(w, &sr_document_sentences);
	size_t begin = w->buf->len;
	char plain[2] = "";

	for (; *p; p++) {
		if (*p != '%') {
			plain[0] = *p;
			put(w, plain);
			continue;
		}
		p++;
		put(w, pick(w, *p == 'a'   ? &sr_document_actors
			       : *p == 'v' ? &sr_document_verbs
			       : *p == 'o' ? &sr_document_objects
					   : &sr_document_conditions));
	}
	if (!w->rc)
		w->buf->data[begin] = (char)toupper((unsigned char)w->buf->data[begin]);
}

static void put_paragraph(struct writer *w)
{
	for (unsigned n = 2 + draw(w, 4); n > 0; n--) {
		put_sentence(w);
		put(w, n > 1 ? " " : "\n\n");
	}
}

static void put_list(struct writer *w)
{
	const char *mark = draw(w, 3) == 0 ? "- [ ] " : "- ";

	for (unsigned n = 3 + draw(w, 4); n > 0; n--) {
		put(w, mark);
		put_sentence(w);
		put(w, "\n");
	}
	put(w, "\n");
}

static void put_table(struct writer *w)
{
	put(w, "| Item | Rule |\n|---|---|\n");
	for (unsigned n = 3 + draw(w, 3); n > 0; n--) {
		put(w, "| ");
		put(w, pick(w, &sr_document_objects));
		put(w, " | ");
		put_sentence(w);
		put(w, " |\n");
	}
	put(w, "\n");
}

static void put_block(struct writer *w)
{
	switch (draw(w, 6)) {
	case 0:
		put_table(w);
		break;
	case 1:
		put(w, pick(w, &sr_document_code));
		break;
	case 2:
	case 3:
		put_list(w);
		break;
	default:
		put_paragraph(w);
		break;
	}
}

static void put_heading(struct writer *w, const char *mark, const char *text)
{
	put(w, mark);
	put(w, text);
	put(w, "\n\n");
}

/* The headings that artifacts made from a template must have come first, then others in turn. */
static const char *heading(const struct sr_document *document, int index)
{
	const struct sr_rules *rules =
	    document->kind == SR_KIND_TEMPLATES ? sr_rules_of_template(document->name) : NULL;

	if (rules && index < SR_RULES_HEADINGS)
		return rules->headings[index];
	if (rules)
		index -= SR_RULES_HEADINGS;
	return sr_document_headings.items[index % sr_document_headings.count];
}

int sr_document_write(const struct sr_document *document, struct sr_buf *buf)
{
	struct writer w = {.buf = buf, .seed = (uint64_t)document->size << 8 | document->kind};
	size_t begin = buf->len;
	size_t size = (size_t)document->size * 1024;
	char line[200];
	int sections = document->size < 8 ? 4 : 6 + document->size / 6;

	for (const char *p = document->name; *p; p++)
		w.seed = w.seed * 31 + (unsigned char)*p;
	put_heading(&w, "# ", document->title);
	snprintf(line, sizeof(line), "> Document `%s/%s`, read as it stands. %s\n\n", sr_kind_name(document->kind),
		 document->name, sr_document_note);
	put(&w, line);
	for (int i = 0; i < sections && !w.rc; i++) {
		size_t until = begin + size * (size_t)(i + 1) / (size_t)sections;

		put_heading(&w, "## ", heading(document, i));
		while (!w.rc && buf->len + SR_DOCUMENT_BLOCK < until) {
			if (draw(&w, 5) == 0)
				put_heading(&w, "### ", pick(&w, &sr_document_headings));
			put_block(&w);
		}
		while (!w.rc && buf->len < until && until - buf->len > 30) {
			put_sentence(&w);
			put(&w, "\n");
		}
		put(&w, "\n");
	}
	return w.rc;
}
