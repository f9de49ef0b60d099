/* SPDX-License-Identifier: MIT */
/* Thousands of made-up documents, most of them damaged, read by the library and by libxml2's own tree
 * builder: both must refuse the same ones and make the same trees of the others, and a stream must judge as a
 * document does. */
#include "feed.h"

#include "xml_random.h"
#include <libxml/parser.h>
#include <libxml/tree.h>

enum { ROUNDS = 6000, SIZE = 8192 };

/* ---- documents ---- */

struct document {
    char text[SIZE];
    size_t len;
};

static void add(struct document *document, const char *text)
{
    size_t len = strlen(text);
    if (document->len + len < SIZE - 1) {
        memcpy(document->text + document->len, text, len);
        document->len += len;
    }
}

static const char *const names[] = {"a", "b", "message", "x:c", "y:d", "\xC3\xA9l", "xml:e"};
static const char *const attr_names[] = {"a",        "b",     "id",      "x:a",     "y:a",
                                         "xml:lang", "xmlns", "xmlns:x", "xmlns:y", "\xC3\xA9"};
static const char *const values[] = {"",      "u",    "v",  "x&amp;y",       "&lt;&#65;", "\xC3\xA9",
                                     " \t\n", "\r\n", "\r", "jabber:client", ">",         "odd uri"};
/* Namespaces that are URIs: over others libxml2 2.12 forgets to complain of what is amiss later. */
static const char *const uris[] = {"", "u", "urn:x:y", "jabber:client", "http://a.example/b#c", "x&amp;y"};
static const char *const contents[] = {"text",
                                       " ",
                                       "\n",
                                       "&amp;",
                                       "&#x20AC;",
                                       "&apos;&quot;",
                                       "<![CDATA[<&]]]>]]>",
                                       "\xF0\x9F\x98\x80",
                                       "\r\n",
                                       "]]",
                                       ">",
                                       "<![CDATA[]]>",
                                       "\r",
                                       "<![CDATA[a\r\nb\r]]>"};
static const char *const nasty[] = {"<",
                                    ">",
                                    "&",
                                    "'",
                                    "\"",
                                    "/",
                                    "=",
                                    "]]>",
                                    "<!--c-->",
                                    "<?pi?>",
                                    "<![CDATA[",
                                    "<!DOCTYPE a>",
                                    "&x;",
                                    "&#0;",
                                    "&#xFFFF;",
                                    "\x01",
                                    "\xC3",
                                    "\xEF\xBF\xBF",
                                    "\xED\xA0\x80",
                                    " a='1'",
                                    "<a>",
                                    "</a>",
                                    "<a/>",
                                    ":",
                                    "\t",
                                    "xmlns:x='u'",
                                    "-",
                                    "x:",
                                    ";",
                                    "#",
                                    "\x7f",
                                    "\xE2\x82"};

static void add_start(struct document *document, struct random_source *random, const char *name)
{
    add(document, "<");
    add(document, name);
    uint32_t next = random_below(random, ENVOI__COUNT(attr_names)), twice = !random_below(random, 20);
    for (uint32_t n = random_below(random, 4); n; n--) {
        add(document, " ");
        const char *attr = attr_names[next % ENVOI__COUNT(attr_names)];
        add(document, attr);
        next += !twice;
        add(document, random_below(random, 8) ? "='" : " = '");
        add(document, strncmp(attr, "xmlns", 5) ? RANDOM_OF(random, values) : RANDOM_OF(random, uris));
        add(document, "'");
    }
}

static void make(struct document *document, struct random_source *random)
{
    const char *open[16] = {0};
    size_t depth = 1;
    document->len = 0;
    open[0] = "root";
    add(document, random_below(random, 8) ? "<root xmlns:x='ux' xmlns:y='uy'>" : "<root>");
    for (uint32_t steps = random_below(random, 12); steps && depth; steps--) {
        uint32_t what = random_below(random, 6);
        if (what < 2 && depth < ENVOI__COUNT(open)) {
            open[depth] = RANDOM_OF(random, names);
            add_start(document, random, open[depth]);
            depth += what;
            add(document, what ? ">" : "/>");
        } else if (what == 2 && depth > 1) {
            add(document, "</");
            add(document, open[--depth]);
            add(document, ">");
        } else {
            add(document, RANDOM_OF(random, contents));
        }
    }
    while (depth) {
        add(document, "</");
        add(document, open[--depth]);
        add(document, ">");
    }
}

/* Put something in, take a byte out, or change one. */
static void damage(struct document *document, struct random_source *random)
{
    size_t at = random_below(random, (uint32_t)document->len);
    char tail[SIZE];
    size_t tail_len = document->len - at;
    memcpy(tail, document->text + at, tail_len);
    tail[tail_len] = '\0';
    switch (random_below(random, 3)) {
    case 0:
        document->len = at;
        add(document, RANDOM_OF(random, nasty));
        add(document, tail);
        break;
    case 1:
        document->len = at;
        add(document, tail + 1);
        break;
    default:
        document->text[at] = (char)(1 + random_below(random, 255));
    }
}

/* ---- the other opinion ---- */

struct verdict {
    int namespace_fault;
};

#if LIBXML_VERSION >= 21200
static void on_problem(void *user, const xmlError *problem)
#else
static void on_problem(void *user, xmlError *problem)
#endif
{
    xmlParserCtxtPtr context = user;
    struct verdict *verdict = context->_private;
    if (problem->domain == XML_FROM_NAMESPACE && problem->level != XML_ERR_WARNING &&
        problem->code != XML_WAR_NS_URI)
        verdict->namespace_fault = 1;
}

static int has_restricted(const xmlNode *node)
{
    for (; node; node = node->next)
        if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE ||
            node->type == XML_ENTITY_REF_NODE ||
            (node->type == XML_ELEMENT_NODE && has_restricted(node->children)))
            return 1;
    return 0;
}

/* The document's tree, or NULL if it is not well-formed or uses what XMPP forbids. */
static xmlDocPtr other_opinion(const struct document *document)
{
    struct verdict verdict = {0};
    xmlParserCtxtPtr context = xmlNewParserCtxt();
    assert_non_null(context);
    context->_private = &verdict;
    context->sax->serror = on_problem;
    xmlDocPtr tree = xmlCtxtReadMemory(context, document->text, (int)document->len, NULL, NULL,
                                       XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOCDATA);
    int fine = tree && context->wellFormed && !verdict.namespace_fault && !tree->intSubset &&
               !has_restricted(tree->children);
    xmlFreeParserCtxt(context);
    if (!fine) {
        xmlFreeDoc(tree);
        tree = NULL;
    }
    return tree;
}

static const char *ns_of(const xmlNs *ns)
{
    return ns && ns->href ? (const char *)ns->href : "";
}

static void assert_same_attrs(const envoi_element *ours, const xmlNode *theirs)
{
    size_t count = 0;
    for (xmlAttrPtr attr = theirs->properties; attr; attr = attr->next, count++) {
        xmlChar *value = xmlNodeGetContent((xmlNodePtr)attr);
        const char *own = envoi_element_attr_ns(ours, (const char *)attr->name, ns_of(attr->ns));
        assert_non_null(own);
        assert_string_equal(own, (const char *)value);
        xmlFree(value);
    }
    assert_int_equal(envoi_element_attr_count(ours), count);
}

static void assert_same(const envoi_element *ours, const xmlNode *theirs)
{
    char text[SIZE] = "";
    assert_string_equal(envoi_element_name(ours), (const char *)theirs->name);
    assert_string_equal(envoi_element_namespace(ours), ns_of(theirs->ns));
    assert_same_attrs(ours, theirs);
    const envoi_element *child = envoi_element_first_child(ours);
    for (const xmlNode *node = theirs->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            assert_non_null(child);
            assert_same(child, node);
            child = envoi_element_next_sibling(child);
        } else {
            strcat(text, (const char *)node->content);
        }
    }
    assert_null(child);
    assert_string_equal(envoi_element_text(ours), text);
}

/* ---- both together ---- */

/* The verdict of a stream in which the document is a stanza, offered in random pieces. */
static int in_stream(const struct document *document, struct random_source *random)
{
    struct feed feed;
    open_feed(&feed, NULL);
    assert_int_equal(give_text(&feed, "<s:s xmlns:s='" STREAM_NS "'>"), 0);
    for (size_t at = 0; at < document->len;) {
        size_t n = 1 + random_below(random, 40);
        n = n < document->len - at ? n : document->len - at;
        give(&feed, document->text + at, n);
        at += n;
    }
    int fine = !feed.error && feed.elements == 1 && !feed.in.len;
    close_feed(&feed);
    return fine;
}

static void test_library_and_libxml2_agree(void **state)
{
    (void)state;
    static struct document document;
    struct random_source random = {UINT64_C(0x7374616e7a61)};
    int accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
        make(&document, &random);
        for (uint32_t n = random_below(&random, 5); n > 2; n--)
            damage(&document, &random);
        document.text[document.len] = '\0';
        envoi_stanza *stanza = NULL;
        int error = envoi_stanza_parse(&stanza, document.text, document.len);
        xmlDocPtr tree = other_opinion(&document);
        if (!error != !!tree)
            print_message("%s, and libxml2 %s: %s\n", envoi_error_name(error), tree ? "takes it" : "refuses",
                          document.text);
        assert_int_equal(!error, !!tree);
        if (tree) {
            accepted++;
            assert_same(envoi_stanza_root(stanza), xmlDocGetRootElement(tree));
        }
        assert_int_equal(in_stream(&document, &random), !error);
        xmlFreeDoc(tree);
        envoi_stanza_free(stanza);
    }
    /* The test is worth something only if it meets both. */
    assert_in_range(accepted, ROUNDS / 5, ROUNDS * 4 / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_and_libxml2_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
