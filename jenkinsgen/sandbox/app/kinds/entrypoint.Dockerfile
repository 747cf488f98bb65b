# ENTRYPOINT is a script that stays process 1, so SIGTERM has no effect: a shell there has no handler for it.
ARG BASE
FROM ${BASE}
COPY app app.conf kinds/entrypoint.sh /
RUN chmod 755 /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/app"]
