/* A minimal WebSocket server (RFC 6455): text is echoed, a ping gets its pong, a close frame is answered. */

#include <stdbool.h>

/* Answers the handshake of a request whose Sec-WebSocket-Key is `key`; false when the client is gone. */
bool websocket_accept(int socket, const char *key, const char *version);

/* Echoes until one side closes. */
void websocket_echo(int socket);

/* Tells every open WebSocket that the server goes away (1001). May be called in a signal handler. */
void websocket_goodbye(void);
