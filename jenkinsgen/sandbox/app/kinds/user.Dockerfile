# USER: not root.
FROM scratch
COPY app app.conf /
USER 1000:1000
ENTRYPOINT ["/app"]
