# A real application on Debian: Flask behind gunicorn, about 140 MB.
ARG BASE
FROM ${BASE}
COPY kinds/shop.wsgi /shop/shop.py
COPY app.conf /shop/
WORKDIR /shop
CMD ["gunicorn", "--bind", "0.0.0.0:8080", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "shop:app"]
