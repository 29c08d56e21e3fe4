"""A mail server of a few lines that answers as it is told and keeps what it takes."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class Script:
    """What the server answers to a recipient, and what it has taken."""

    recipient: str = "250 fine"
    taken: list[Message] = field(default_factory=list)


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP for one mail a connection. `with MailServer() as server:` runs it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.script = Script()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> MailServer:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.decode().strip().upper()
            if command.startswith("RCPT"):
                self._say(self.server.script.recipient)
            elif command == "DATA":
                self._say("354 go on")
                self._take()
                self._say("250 taken")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        body = b""
        while (line := self.rfile.readline()) != b".\r\n":
            body += line
        self.server.script.taken.append(message_from_bytes(body))

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
