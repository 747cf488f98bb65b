# EXPOSE of other ports: what an image says of itself may be old, or its base's.
FROM scratch
COPY app app.conf /
EXPOSE 80 9090/udp
ENTRYPOINT ["/app"]
