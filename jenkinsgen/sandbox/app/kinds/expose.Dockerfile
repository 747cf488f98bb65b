# EXPOSE of the port that the application listens on.
FROM scratch
COPY app app.conf /
EXPOSE 8080
ENTRYPOINT ["/app"]
