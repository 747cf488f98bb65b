/* A small shop behind HTTP/1.1 that counts its orders and has every bad habit that a deployment must survive:
   it starts slowly, answers slowly when asked to, and drops every request at once on SIGTERM. Only its WebSockets
   are told that it goes away.

     GET  /                  version=… host=…
     GET  /actuator/health   {"status":"UP"}, or 503 with the reason
     GET  /slow?ms=1500      the same as /, after so many milliseconds
     GET  /echo              a WebSocket that echoes text
     POST /orders?id=X       appends "X version host" to /data/orders.log, answers id and body size in bytes

   Listens on port 8080; a thread for each connection; keep-alive; bodies with Content-Length or chunked. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "websocket.h"

enum { PORT = 8080, LINE = 8192, STACK_BYTES = 256 * 1024 };

static const char *version;
static bool healthy, flapping, strict_host, https_only;
static char host[65];

/* ---- settings */

/* The value of `name`: from the environment (in capitals), else from /app.conf, else the fallback. */
static const char *setting(const char *name, const char *fallback)
{
    char capitals[64] = "";
    for (size_t i = 0; name[i] && i < sizeof capitals - 1; i++)
        capitals[i] = (char)toupper((unsigned char)name[i]);
    const char *found = getenv(capitals);
    if (found)
        return found;
    FILE *file = fopen("/app.conf", "r");
    char line[256];
    while (file && !found && fgets(line, sizeof line, file)) {
        size_t length = strlen(name);
        line[strcspn(line, "\r\n")] = 0;
        if (strncmp(line, name, length) == 0 && line[length] == '=')
            found = strdup(line + length + 1);
    }
    if (file)
        fclose(file);
    return found ? found : fallback;
}

static void sleep_milliseconds(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

/* ---- one connection: reading */

struct connection {
    int socket;
    char buffer[LINE];
    size_t start, end; /* what was received and not yet read */
};

static bool fill(struct connection *c)
{
    if (c->start == c->end) {
        ssize_t got = recv(c->socket, c->buffer, sizeof c->buffer, 0);
        if (got <= 0)
            return false;
        c->start = 0;
        c->end = (size_t)got;
    }
    return true;
}

/* Reads one line without its end; false when the client is gone or the line is too long. */
static bool read_line(struct connection *c, char *line, size_t size)
{
    for (size_t length = 0; fill(c) && length < size;) {
        char byte = c->buffer[c->start++];
        if (byte == '\n') {
            line[length && line[length - 1] == '\r' ? length - 1 : length] = 0;
            return true;
        }
        line[length++] = byte;
    }
    return false;
}

static bool skip(struct connection *c, unsigned long long bytes)
{
    while (bytes > 0) {
        if (!fill(c))
            return false;
        size_t here = c->end - c->start;
        if (here > bytes)
            here = (size_t)bytes;
        c->start += here;
        bytes -= here;
    }
    return true;
}

/* Reads a chunked body (RFC 9112, 7.1) and adds its bytes to *total. */
static bool skip_chunks(struct connection *c, unsigned long long *total)
{
    char line[LINE];
    for (;;) {
        if (!read_line(c, line, sizeof line))
            return false;
        unsigned long long size = strtoull(line, NULL, 16);
        if (size == 0)
            break;
        if (!skip(c, size) || !read_line(c, line, sizeof line))
            return false;
        *total += size;
    }
    do { /* trailers */
        if (!read_line(c, line, sizeof line))
            return false;
    } while (*line);
    return true;
}

struct request {
    char method[16], target[LINE];
    bool keep_alive;
    unsigned long long body; /* its size in bytes */
    char websocket_key[64];  /* empty without one */
    bool no_host, https;     /* its Host is none; a proxy says that it came by https */
};

/* Reads a request with its body. The body's content does not matter to this shop. */
static bool read_request(struct connection *c, struct request *r)
{
    char line[LINE], minor = '1';
    if (!read_line(c, line, sizeof line)
        || sscanf(line, "%15s %8191s HTTP/1.%c", r->method, r->target, &minor) != 3)
        return false;
    r->keep_alive = minor == '1';
    r->body = 0;
    *r->websocket_key = 0;
    r->no_host = r->https = false;
    unsigned long long length = 0;
    bool chunked = false;
    for (;;) {
        if (!read_line(c, line, sizeof line))
            return false;
        if (!*line)
            break;
        char *colon = strchr(line, ':');
        if (!colon)
            return false;
        *colon = 0;
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        if (strcasecmp(line, "Content-Length") == 0)
            length = strtoull(value, NULL, 10);
        else if (strcasecmp(line, "Transfer-Encoding") == 0)
            chunked = strcasecmp(value, "chunked") == 0;
        else if (strcasecmp(line, "Host") == 0)
            r->no_host = strcmp(value, "_") == 0;
        else if (strcasecmp(line, "X-Forwarded-Proto") == 0)
            r->https = strcmp(value, "https") == 0;
        else if (strcasecmp(line, "Sec-WebSocket-Key") == 0)
            snprintf(r->websocket_key, sizeof r->websocket_key, "%.60s", value);
        else if (strcasecmp(line, "Connection") == 0)
            r->keep_alive = strcasecmp(value, "close") != 0 && (minor == '1' || !strcasecmp(value, "keep-alive"));
        else if (strcasecmp(line, "Expect") == 0
                 && send(c->socket, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL) != 25)
            return false;
    }
    if (chunked)
        return skip_chunks(c, &r->body);
    r->body = length;
    return skip(c, length);
}

/* ---- one connection: answering */

__attribute__((format(printf, 4, 5)))
static bool answer(struct connection *c, const struct request *r, const char *status, const char *format, ...)
{
    char body[LINE], message[2 * LINE];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    int length = snprintf(message, sizeof message,
                          "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nX-Version: %s\r\n"
                          "Connection: %s\r\n\r\n%s",
                          status, *body == '{' ? "application/json" : "text/plain", size, version,
                          r->keep_alive ? "keep-alive" : "close", body);
    return send(c->socket, message, (size_t)length, MSG_NOSIGNAL) == length && r->keep_alive;
}

/* Copies the value of a query parameter; the empty text where it is missing. */
static void parameter(const char *target, const char *name, char *value, size_t size)
{
    const char *at = strchr(target, '?');
    *value = 0;
    while (at && *++at) {
        size_t length = strlen(name);
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            snprintf(value, size, "%.*s", (int)strcspn(at + length + 1, "&"), at + length + 1);
        at = strchr(at, '&');
    }
}

static bool take_order(struct connection *c, const struct request *r)
{
    char id[256], line[512];
    parameter(r->target, "id", id, sizeof id);
    int length = snprintf(line, sizeof line, "%s %s %s\n", id, version, host);
    int file = open("/data/orders.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
    /* One write to a file opened with O_APPEND: lines of two releases never mix. */
    bool written = file >= 0 && write(file, line, (size_t)length) == length;
    int problem = errno;
    if (file >= 0)
        close(file);
    if (!written)
        return answer(c, r, "500 Internal Server Error", "/data/orders.log: %s\n", strerror(problem));
    return answer(c, r, "200 OK", "id=%s bytes=%llu version=%s host=%s\n", id, r->body, version, host);
}

static bool respond(struct connection *c, const struct request *r)
{
    size_t path = strcspn(r->target, "?");
    bool get = strcmp(r->method, "GET") == 0;
#define IS(text) (path == strlen(text) && strncmp(r->target, text, path) == 0)
    static atomic_uint looks;
    if (strict_host && r->no_host)
        return answer(c, r, "400 Bad Request", "that is no Host\n");
    if (https_only && !r->https)
        return answer(c, r, "301 Moved Permanently\r\nLocation: https://shop.test/", "only by https\n");
    if (get && IS("/actuator/health"))
        return healthy && !(flapping && atomic_fetch_add(&looks, 1) % 2) ? answer(c, r, "200 OK", "{\"status\":\"UP\"}\n")
                       : answer(c, r, "503 Service Unavailable",
                                "{\"status\":\"DOWN\",\"reason\":\"app.conf of version %s says healthy=%s\"}\n",
                                version, setting("healthy", "yes"));
    if (strcmp(r->method, "POST") == 0 && IS("/orders"))
        return take_order(c, r);
    if (get && IS("/echo") && *r->websocket_key) {
        if (websocket_accept(c->socket, r->websocket_key, version))
            websocket_echo(c->socket);
        return false;
    }
    if (get && IS("/slow")) {
        char milliseconds[16];
        parameter(r->target, "ms", milliseconds, sizeof milliseconds);
        sleep_milliseconds(atol(milliseconds));
    } else if (!get || !IS("/"))
        return answer(c, r, "404 Not Found", "nothing answers %s %.200s\n", r->method, r->target);
    return answer(c, r, "200 OK", "version=%s host=%s\n", version, host);
}

/* ---- trouble that begins after the health checks of a deployment */

static struct {
    long after_seconds, error_percent, delay_milliseconds;
    time_t listening;
    unsigned requests;
} trouble;

static void read_trouble(void)
{
    trouble.after_seconds = atol(setting("trouble_after_seconds", "0"));
    trouble.error_percent = atol(setting("error_percent", "0"));
    trouble.delay_milliseconds = atol(setting("delay_ms", "0"));
    trouble.listening = time(NULL);
}

/* Waits, or answers 500 and returns true, when this request is to be troubled; health never is. */
static bool troubled(struct connection *c, const struct request *r, bool *goes_on)
{
    if (strncmp(r->target, "/actuator", 9) == 0 || time(NULL) - trouble.listening < trouble.after_seconds)
        return false;
    sleep_milliseconds(trouble.delay_milliseconds);
    /* 37 and 100 have no common divisor: the errors are spread, and exactly so many. */
    unsigned number = __atomic_fetch_add(&trouble.requests, 1, __ATOMIC_RELAXED);
    if (number * 37 % 100 >= (unsigned)trouble.error_percent)
        return false;
    *goes_on = answer(c, r, "500 Internal Server Error", "app.conf says error_percent=%ld\n", trouble.error_percent);
    return true;
}

static void *serve(void *argument)
{
    struct connection c = {.socket = (int)(long)argument};
    struct request r;
    bool goes_on = true;
    while (goes_on && read_request(&c, &r))
        if (!troubled(&c, &r, &goes_on))
            goes_on = respond(&c, &r);
    close(c.socket);
    return NULL;
}

/* ---- the process */

static void drop_everything(int signal_number)
{
    websocket_goodbye();
    _exit(128 + signal_number);
}

static void *crash(void *seconds)
{
    sleep_milliseconds((long)seconds * 1000);
    printf("version %s crashes, as app.conf says\n", version);
    exit(1);
}

/* Takes memory and writes to it, so that it is really taken. */
static void allocate(long megabytes)
{
    for (; megabytes > 0; megabytes--) {
        char *volatile taken = malloc(1024 * 1024);
        memset(taken, 1, 1024 * 1024);
    }
}

static void start_thread(void *(*work)(void *), long argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, work, (void *)argument) != 0 && work == serve)
        close((int)argument);
    pthread_attr_destroy(&attributes);
}

static int listen_on(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) {
        perror("cannot listen");
        exit(1);
    }
    return listener;
}

int main(void)
{
    /* Process 1 of a container ignores signals that it has no handler for. */
    signal(SIGTERM, drop_everything);
    signal(SIGINT, drop_everything);
    setvbuf(stdout, NULL, _IOLBF, 0);
    gethostname(host, sizeof host - 1);
    version = setting("version", "unknown");
    healthy = strcmp(setting("healthy", "yes"), "no") != 0;
    strict_host = atoi(setting("strict_host", "0"));
    https_only = atoi(setting("https_only", "0"));
    flapping = strcmp(setting("healthy", "yes"), "flapping") == 0;
    printf("version %s starts on %s\n", version, host);
    if (atoi(setting("exit_at_start", "0"))) {
        fprintf(stderr, "version %s ends at start, as app.conf says\n", version);
        return 1;
    }
    allocate(atol(setting("allocate_megabytes", "0")));
    sleep_milliseconds((long)(atof(setting("start_seconds", "3")) * 1000));
    read_trouble();
    int listener = listen_on(PORT), yes = 1;
    printf("version %s listens on port %d\n", version, PORT);
    if (atol(setting("crash_after_seconds", "0")) > 0)
        start_thread(crash, atol(setting("crash_after_seconds", "0")));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) { /* too many connections: look again soon, not all the time */
            sleep_milliseconds(10);
            continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        start_thread(serve, client);
    }
}
