# VOLUME: one that is not mounted, so each container gets an anonymous one, and one that the spec mounts.
FROM scratch
COPY app app.conf /
VOLUME ["/cache", "/data"]
ENTRYPOINT ["/app"]
