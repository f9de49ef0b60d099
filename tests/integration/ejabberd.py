# SPDX-License-Identifier: MIT
"""An ejabberd of its own for one test run: one Erlang process, without Erlang's distribution and its port mapper."""
import http.client
import json
import os
import pathlib
import shutil

from launcher import PASSWORD, Launcher, ServerError

ACCOUNTS = {"capulet.example": ["juliet", "nurse"], "montague.example": ["romeo", "benvolio"]}
LISTENER = """  - port: {port}
    ip: 127.0.0.1
    module: ejabberd_c2s
    {tls}: true
    protocol_options: [no_sslv3, no_tlsv1, no_tlsv1_1, {without}]
    access: all
    shaper: none
"""
CONFIG = """# written for one run
loglevel: info
log_rotate_count: 0
hosts: [{hosts}]
certfiles: ["{certificate}"]
ca_file: "{ca}"
acme: {{auto: false}}
s2s_access: none
auth_method: [mnesia]
auth_password_format: plain # so that every SCRAM is offered
api_permissions:
  loopback: {{from: [mod_http_api], who: [{{ip: 127.0.0.1/8}}], what: [register, status]}}
listen:
{listeners}  - port: {http}
    ip: 127.0.0.1
    module: ejabberd_http
    request_handlers: {{/api: mod_http_api}}
modules:
  mod_adhoc: {{}}
  mod_admin_extra: {{}}
  mod_caps: {{}}
  mod_configure: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_ping: {{}}
  mod_pubsub: {{access_createnode: all, plugins: [flat, pep], last_item_cache: false}}
  mod_roster: {{}}
  mod_version: {{show_os: false}}
"""


class Ejabberd(Launcher):
    """capulet.example is reached by TLS 1.3 only and montague.example by TLS 1.2 only, each on its own ports.

    `root` is where another ejabberd was unpacked, with the Erlang libraries it brings; without it the installed one is
    taken."""

    name = "ejabberd"
    port_names = ("starttls capulet.example", "direct capulet.example", "starttls montague.example",
                  "direct montague.example", "http")
    logs = ("output.log", "ejabberd.log")

    def __init__(self, folder, root=None):
        super().__init__(folder)
        self.root = pathlib.Path(root or "/")
        (self.folder / "spool").mkdir()

    def _modules(self):
        """The folder of ejabberd's own modules, which Debian keeps outside of Erlang's."""
        found = sorted(self.root.glob("usr/lib/*/ejabberd-[0-9]*"))
        if not found or not shutil.which("erl"):
            raise ServerError("ejabberd is not installed")
        return found[0]

    def version(self):
        return self._modules().name.split("-")[1]

    def _listeners(self):
        for domain, without in (("capulet.example", "no_tlsv1_2"), ("montague.example", "no_tlsv1_3")):
            for kind, tls in (("starttls", "starttls_required"), ("direct", "tls")):
                yield LISTENER.format(port=self.ports[f"{kind} {domain}"], tls=tls, without=without)

    # One for all: 24.12 takes the wrong one for tls-server-end-point if there are several.
    def _certificate(self):
        certificate, key = self.authorities["trusted"].sign("server", "server", list(ACCOUNTS))
        both = self.folder / "server.pem"
        both.write_text(pathlib.Path(certificate).read_text() + pathlib.Path(key).read_text())
        return both

    def prepare(self):
        (self.folder / "ejabberd.yml").write_text(CONFIG.format(
            hosts=", ".join(ACCOUNTS), certificate=self._certificate(), ca=self.ca,
            listeners="".join(self._listeners()), http=self.ports["http"]))

    def command(self):
        brought = [str(path) for path in sorted(self.root.glob("usr/lib/erlang/lib/*/ebin"))]
        paths = [*(brought if self.root != pathlib.Path("/") else []), str(self._modules() / "ebin")]
        environment = {**os.environ, "HOME": str(self.folder), "ERL_CRASH_DUMP": os.devnull,
                       "EJABBERD_CONFIG_PATH": str(self.folder / "ejabberd.yml"),
                       "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log")}
        words = ["erl", "-noinput", "+S", "2:2", *(word for path in paths for word in ("-pa", path)),
                 "-mnesia", "dir", f'"{self.folder}/spool"', "-s", "ejabberd"]
        return words, self.folder / "spool", environment

    def _ask(self, request, **arguments):
        """Call a function of the HTTP API. Returns the status and the text of its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=20)
        try:
            connection.request("POST", f"/api/{request}", json.dumps(arguments), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    # The ports are open before the modules are loaded, so an open port is no ready server.
    def settle(self):
        self.wait_until(lambda: "is started" in self._ask("status")[1], "ejabberd does not say that it is started")
        for domain, users in ACCOUNTS.items():
            for user in users:
                self.register(user, domain)

    def register(self, user, domain, password=PASSWORD):
        status, text = self._ask("register", user=user, host=domain, password=password)
        if status != 200:
            raise ServerError(f"register {user} {domain}: {status} {text}")

    def address(self, domain, direct=False):
        """Where a client of this domain connects to."""
        return f"127.0.0.1:{self.ports[('direct ' if direct else 'starttls ') + domain]}"

    def pubsub(self, domain):
        """The service that users of this domain may create nodes at."""
        return f"pubsub.{domain}"
