# HEALTHCHECK: the engine asks, too.
ARG BASE
FROM ${BASE}
COPY app app.conf /
HEALTHCHECK --interval=1s --timeout=2s CMD ["python3", "-c", "import socket; socket.create_connection(('localhost', 8080), 1)"]
ENTRYPOINT ["/app"]
