# SPDX-License-Identifier: MIT
"""carry.py HOST PORT: standard input to a TCP connection, and what comes from there to standard output."""
import os
import socket
import sys
import threading

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def send():
    while data := os.read(0, 65536):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


threading.Thread(target=send, daemon=True).start()
while received := connection.recv(65536):
    os.write(1, received)
