# STOPSIGNAL: another one than SIGTERM.
FROM scratch
COPY app app.conf /
STOPSIGNAL SIGINT
ENTRYPOINT ["/app"]
