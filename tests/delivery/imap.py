"""As much of an IMAP server (RFC 3501) as reads and moves mails; it keeps to the letter of what it is told."""

import re
import socketserver
import threading


class ImapServer(socketserver.ThreadingTCPServer):
    """Listens on this machine while the context lasts, with these mails in its inbox."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, mails: list[bytes]):
        super().__init__(("127.0.0.1", 0), Session)
        self.port = self.server_address[1]
        self.folders = {"INBOX": dict(enumerate(mails, start=7))}
        self.deleted, self.login = set(), None

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.shutdown()
        self.server_close()


class Session(socketserver.StreamRequestHandler):
    def say(self, *lines: str):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def handle(self):
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            words = [quoted or plain for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|(\([^)]*\)|\S+)', command)]
            name = " ".join(words[: 2 if words[0].upper() == "UID" else 1]).upper()
            act = getattr(self, f"do_{name.replace(' ', '_')}".lower(), None)
            if act is None:
                self.say(f"{tag} BAD what?")
            else:
                answer = act(*words[len(name.split()) :])
                self.say(f"{tag} {answer or 'OK done'}")
            if name == "LOGOUT":
                return

    def do_capability(self):
        self.say("* CAPABILITY IMAP4rev1")

    def do_login(self, user, password):
        self.server.login = (user, password)

    def do_select(self, folder):
        self.folder = self.server.folders[folder]
        self.say(f"* {len(self.folder)} EXISTS")

    def do_uid_search(self, *what):
        self.say("* SEARCH " + " ".join(str(uid) for uid in self.folder if uid not in self.server.deleted))

    def do_uid_fetch(self, uid, what):
        most = int(re.search(r"<0\.(\d+)>", what)[1])
        content = self.folder[int(uid)][:most]
        self.wfile.write(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (uid.encode(), len(content), content))

    def do_create(self, folder):
        if folder in self.server.folders:
            return "NO it is there"
        self.server.folders[folder] = {}
        return None

    def do_uid_copy(self, uid, folder):
        self.server.folders[folder][int(uid)] = self.folder[int(uid)]

    def do_uid_store(self, uid, how, flags):
        assert (how, flags) == ("+FLAGS", r"(\Deleted)")
        self.server.deleted.add(int(uid))

    def do_expunge(self):
        for uid in self.server.deleted:
            self.folder.pop(uid, None)

    def do_logout(self):
        self.say("* BYE")
