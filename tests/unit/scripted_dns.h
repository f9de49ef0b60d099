/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_TESTS_SCRIPTED_DNS_H
#define ENVOI_TESTS_SCRIPTED_DNS_H
/* A name server on loopback, UDP and TCP on one port, that answers from a table and notes what it was asked.
 * The test pumps it; there is no thread. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, TYPE_SRV = 33, TYPE_OTHER = 16 };
enum { DNS_TCP_MAX = 8, DNS_LOG_BYTES = 4096, DNS_ANSWER_BYTES = 16384 };

/* Answers that are no records. */
enum { RCODE_FORMERR = 1, RCODE_SERVFAIL = 2, RCODE_REFUSED = 5 };

struct dns_row {
    const char *name;
    int type;         /* 0 with rcode or mute: for questions of every type */
    const char *text; /* A, AAAA: the address; SRV, CNAME: the target */
    unsigned priority, weight, port;
    int rcode, mute;
    int liar; /* wrong answers come first: another id, then another question */
};

struct dns {
    int udp, listener, tcp[DNS_TCP_MAX];
    size_t tcp_count;
    char address[32]; /* for envoi_net_set_nameserver() */
    const struct dns_row *rows;
    size_t row_count;
    char log[DNS_LOG_BYTES]; /* " TYPE name" for each question */
    int tcp_questions;
};

struct dns_writer {
    unsigned char bytes[DNS_ANSWER_BYTES];
    size_t len;
};

static void put16(struct dns_writer *w, unsigned value)
{
    w->bytes[w->len++] = (unsigned char)(value >> 8);
    w->bytes[w->len++] = (unsigned char)value;
}

/* A bar stands for a dot inside a label. */
static void put_name(struct dns_writer *w, const char *name)
{
    while (*name && strcmp(name, ".") != 0) {
        size_t len = strcspn(name, ".");
        w->bytes[w->len++] = (unsigned char)len;
        for (size_t i = 0; i < len; i++)
            w->bytes[w->len++] = name[i] == '|' ? '.' : (unsigned char)name[i];
        name += len + (name[len] == '.');
    }
    w->bytes[w->len++] = 0;
}

static void put_record(struct dns_writer *w, const struct dns_row *row)
{
    put_name(w, row->name);
    put16(w, (unsigned)row->type);
    put16(w, 1); /* IN */
    put16(w, 0);
    put16(w, 60); /* TTL */
    size_t length_at = w->len;
    put16(w, 0);
    if (row->type == TYPE_A) {
        inet_pton(AF_INET, row->text, w->bytes + w->len);
        w->len += 4;
    } else if (row->type == TYPE_AAAA) {
        inet_pton(AF_INET6, row->text, w->bytes + w->len);
        w->len += 16;
    } else if (row->type == TYPE_OTHER) {
        w->bytes[w->len++] = 0;
    } else {
        if (row->type == TYPE_SRV) {
            put16(w, row->priority);
            put16(w, row->weight);
            put16(w, row->port);
        }
        put_name(w, row->text);
    }
    size_t end = w->len;
    w->len = length_at;
    put16(w, (unsigned)(end - length_at - 2));
    w->len = end;
}

/* The question's name as text. Returns where its type begins, 0 for a question that is none. */
static size_t read_question(const unsigned char *query, size_t len, char name[256])
{
    size_t at = 12, n = 0;
    while (at < len && query[at]) {
        size_t label = query[at++];
        if (label > 63 || at + label >= len || n + label + 2 > 255)
            return 0;
        if (n)
            name[n++] = '.';
        memcpy(name + n, query + at, label);
        n += label;
        at += label;
    }
    name[n] = '\0';
    return at + 5 <= len ? at + 1 : 0;
}

static const char *type_name(int type)
{
    return type == TYPE_A ? "A" : type == TYPE_AAAA ? "AAAA" : type == TYPE_SRV ? "SRV" : "OTHER";
}

/* Answer one query; 0: stay silent. With udp an answer above 512 bytes is cut off. */
static size_t dns_answer(struct dns *dns, const unsigned char *query, size_t len, int udp,
                         struct dns_writer *w, int *liar)
{
    char name[256];
    size_t type_at = len > 12 ? read_question(query, len, name) : 0;
    if (!type_at)
        return 0;
    int type = query[type_at] << 8 | query[type_at + 1];
    size_t logged = strlen(dns->log);
    snprintf(dns->log + logged, sizeof dns->log - logged, " %s %s", type_name(type), name);
    dns->tcp_questions += !udp;

    unsigned answers = 0, rcode = 3 /* NXDOMAIN */;
    w->len = 0;
    memset(w->bytes, 0, 12);
    memcpy(w->bytes, query, 2);
    w->len = 12;
    memcpy(w->bytes + 12, query + 12, type_at + 4 - 12);
    w->len = type_at + 4;
    for (size_t i = 0; i < dns->row_count; i++) {
        const struct dns_row *row = &dns->rows[i];
        if (strcasecmp(row->name, name) != 0)
            continue;
        *liar |= row->liar;
        if (row->mute)
            return 0;
        rcode = (unsigned)row->rcode;
        if (!rcode && (row->type == type || row->type == TYPE_CNAME)) {
            put_record(w, row);
            answers++;
        }
    }
    int cut = udp && w->len > 512;
    if (cut)
        w->len = type_at + 4;
    w->bytes[2] =
        (unsigned char)(0x84 | (cut ? 2 : 0) | (query[2] & 1)); /* response, authoritative, truncated */
    w->bytes[3] = (unsigned char)(0x80 | rcode);
    w->bytes[5] = 1;
    w->bytes[6] = (unsigned char)((cut ? 0 : answers) >> 8);
    w->bytes[7] = (unsigned char)(cut ? 0 : answers);
    return w->len;
}

static void dns_pump_udp(struct dns *dns)
{
    static struct dns_writer w;
    unsigned char query[2048];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t n;
    while ((n = recvfrom(dns->udp, query, sizeof query, 0, (struct sockaddr *)&from, &from_len)) > 0) {
        int liar = 0;
        size_t len = dns_answer(dns, query, (size_t)n, 1, &w, &liar);
        if (len && liar) {
            struct dns_writer lie = w;
            lie.bytes[0] ^= 0x55;
            lie.bytes[lie.len - 1] ^= 0x03; /* the last byte of an address */
            sendto(dns->udp, lie.bytes, len, 0, (struct sockaddr *)&from, from_len);
            lie.bytes[0] ^= 0x55;
            lie.bytes[13] ^= 0x01; /* the first letter of the question */
            sendto(dns->udp, lie.bytes, len, 0, (struct sockaddr *)&from, from_len);
        }
        if (len)
            sendto(dns->udp, w.bytes, len, 0, (struct sockaddr *)&from, from_len);
        from_len = sizeof from;
    }
}

static void dns_pump_tcp(struct dns *dns)
{
    static struct dns_writer w;
    unsigned char query[2048];
    int fd = accept(dns->listener, NULL, NULL);
    if (fd >= 0 && dns->tcp_count < DNS_TCP_MAX) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        dns->tcp[dns->tcp_count++] = fd;
    } else if (fd >= 0) {
        close(fd);
    }
    for (size_t i = 0; i < dns->tcp_count; i++) {
        int liar = 0;
        if (recv(dns->tcp[i], query, sizeof query, MSG_PEEK) < 2)
            continue;
        ssize_t n = recv(dns->tcp[i], query, sizeof query, MSG_PEEK);
        size_t want = (size_t)(query[0] << 8 | query[1]) + 2;
        if ((size_t)n < want || want > sizeof query || recv(dns->tcp[i], query, want, 0) != (ssize_t)want)
            continue;
        size_t len = dns_answer(dns, query + 2, want - 2, 0, &w, &liar);
        unsigned char size[2] = {(unsigned char)(len >> 8), (unsigned char)len};
        if (len) {
            send(dns->tcp[i], size, 2, MSG_NOSIGNAL | MSG_MORE);
            send(dns->tcp[i], w.bytes, len, MSG_NOSIGNAL);
        }
    }
}

static void dns_pump(struct dns *dns)
{
    dns_pump_udp(dns);
    dns_pump_tcp(dns);
}

static void dns_open(struct dns *dns, const struct dns_row *rows, size_t row_count)
{
    memset(dns, 0, sizeof *dns);
    dns->rows = rows;
    dns->row_count = row_count;
    for (int i = 0; i < 50; i++) { /* until a port is free in both */
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof at;
        dns->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        dns->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(dns->listener, (struct sockaddr *)&at, len), 0);
        assert_int_equal(listen(dns->listener, 8), 0);
        assert_int_equal(getsockname(dns->listener, (struct sockaddr *)&at, &len), 0);
        snprintf(dns->address, sizeof dns->address, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
        if (bind(dns->udp, (struct sockaddr *)&at, len) == 0)
            return;
        close(dns->listener);
        close(dns->udp);
    }
    fail_msg("no free port");
}

static void dns_close(struct dns *dns)
{
    for (size_t i = 0; i < dns->tcp_count; i++)
        close(dns->tcp[i]);
    close(dns->listener);
    close(dns->udp);
}

#endif
