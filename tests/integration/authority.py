# SPDX-License-Identifier: MIT
"""A certificate authority that lives for one test run, made by openssl(1)."""
import datetime
import hashlib
import pathlib
import ssl
import subprocess

REQUEST = """[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
"""
AUTHORITY = """[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
default_md = sha256
policy = policy
unique_subject = no
rand_serial = yes
[policy]
commonName = supplied
[authority_extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server_extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {done.stderr}")


def fingerprint(certificate):
    """SHA-256 of a certificate file, in hexadecimal."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())).hexdigest()


class Authority:
    """A CA of its own in `folder`; the certificate that clients are to trust, or not, is `certificate`."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "index").touch()
        self.certificate, self.key = self.folder / "ca.crt", self.folder / "ca.key"
        self.sign("ca", name, ["ca.invalid"], section="authority_extensions", self_signed=True)

    def sign(self, file, name, domains, section="server_extensions", self_signed=False, from_day=-1, to_day=30):
        """Make FILE.crt and FILE.key for these domains, valid from and to so many days from now."""
        path = self.folder / file
        (self.folder / "request.cnf").write_text(REQUEST.format(name=name))
        (self.folder / "authority.cnf").write_text(
            AUTHORITY.format(folder=self.folder, names=",".join(f"DNS:{domain}" for domain in domains)))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config",
                self.folder / "request.cnf", "-keyout", f"{path}.key", "-out", f"{path}.csr")
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = ((now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (from_day, to_day))
        signer = (["-selfsign", "-keyfile", f"{path}.key"] if self_signed
                  else ["-cert", self.certificate, "-keyfile", self.key])
        openssl("ca", "-batch", "-notext", "-config", self.folder / "authority.cnf", "-extensions", section, *signer,
                "-startdate", start, "-enddate", end, "-in", f"{path}.csr", "-out", f"{path}.crt")
        return f"{path}.crt", f"{path}.key"
