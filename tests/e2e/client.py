#!/usr/bin/env python3
"""A complete client of pdf2mdd, for those who write one: client.py SOCKET DOCUMENT > document.md

Needs the msgpack package. The messages are specified in man/pdf2md-protocol.7.
"""
import os
import socket
import struct
import sys

import msgpack

HELLO, WELCOME, ERROR, SUBMIT, DATA, DATA_END, ACCEPTED, BUSY, EVENT, FETCH, RESULT = (
    1, 2, 3, 10, 11, 12, 13, 14, 16, 17, 18)
QUEUED, RUNNING, DONE, FAILED, CANCELLED = range(5)


def send(connection, number, **body):
    payload = msgpack.packb({"t": number, "b": body})
    connection.sendall(struct.pack(">I", len(payload)) + payload)


def receive(stream):
    header = stream.read(4)
    if len(header) < 4:
        sys.exit("the daemon closed the connection")
    message = msgpack.unpackb(stream.read(struct.unpack(">I", header)[0]))
    if message["t"] == ERROR:
        sys.exit(f"{message['b']['message']} ({message['b']['hint']})")
    if message["t"] == BUSY:
        sys.exit(f"busy: {message['b']['reason']}")
    return message["t"], message["b"]


def convert(path, document):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    stream = connection.makefile("rb")
    send(connection, HELLO, min=1, max=1, client="client.py")
    receive(stream)
    with open(document, "rb") as file:
        data = file.read()
    send(connection, SUBMIT, options={"name": os.path.basename(document), "images": False}, size=len(data), attached=True)
    for start in range(0, len(data), 1 << 18):
        send(connection, DATA, bytes=data[start : start + (1 << 18)])
    send(connection, DATA_END)
    number, body = receive(stream)  # ACCEPTED
    job = body["job"]
    while number != EVENT or body["state"] not in (DONE, FAILED, CANCELLED):
        number, body = receive(stream)
    if body["state"] != DONE:
        sys.exit(f"{body['text']} ({body['hint']})")
    send(connection, FETCH, job=job, output="md")
    while number != DATA_END:
        number, body = receive(stream)
        if number == DATA:
            sys.stdout.buffer.write(body["bytes"])


if __name__ == "__main__":
    convert(sys.argv[1], sys.argv[2])
