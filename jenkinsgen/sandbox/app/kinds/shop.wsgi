"""The shop of app.c as far as a deployment needs it, in Flask."""

import socket
from pathlib import Path

from flask import Flask, Response, request

SETTINGS = dict(line.split("=", 1) for line in Path("app.conf").read_text().splitlines() if "=" in line[:40])
VERSION = SETTINGS["version"]

app = Flask(__name__)


@app.after_request
def name_version(response: Response) -> Response:
    response.headers["X-Version"] = VERSION
    return response


@app.get("/")
def index() -> str:
    return f"version={VERSION} host={socket.gethostname()}\n"


@app.get("/actuator/health")
def health() -> tuple[dict[str, str], int]:
    healthy = SETTINGS["healthy"] == "yes"
    return {"status": "UP" if healthy else "DOWN"}, 200 if healthy else 503


@app.post("/orders")
def orders() -> str:
    with open("/data/orders.log", "a") as log:
        log.write(f"{request.args['id']} {VERSION} {socket.gethostname()}\n")
    return f"id={request.args['id']}\n"
