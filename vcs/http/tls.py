"""TLS for the pages: by the owner's certificate, or by one made here for a try-out."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vcs.clock import utc_now
from vcs.config import BadSettings, Settings

CERTIFICATE_FILE: Final = "self-signed.pem"
LIFE: Final = timedelta(days=365)
RENEW_BEFORE: Final = timedelta(days=7)
# Addresses of documentation (RFC 5737, RFC 3849): nothing is sent, the kernel only picks a route.
_ELSEWHERE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def server_tls(settings: Settings) -> ssl.SSLContext | None:
    """The context to serve with; None without TLS. Raises `BadSettings`."""
    if settings.self_signed:
        certificate = key = self_signed_certificate(settings.data_dir, settings.public_addresses)
    elif settings.tls_certificate is not None and settings.tls_key is not None:
        certificate, key = settings.tls_certificate, settings.tls_key
    else:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise BadSettings(
            "tls_certificate, tls_key",
            f"{certificate}, {key}",
            f"a PEM certificate and the key that belongs to it ({error})",
        ) from error
    return context


def own_addresses() -> list[str]:
    """Addresses under which this machine may be reached, those of loopback first."""
    found = ["127.0.0.1", "::1"]
    for family, elsewhere in _ELSEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            found.append(str(probe.getsockname()[0]))
    return list(dict.fromkeys(found))


def self_signed_certificate(data_dir: Path, further_addresses: Sequence[str] = ()) -> Path:
    """Certificate and key in one file, made once and again when it is about to expire."""
    path = data_dir / CERTIFICATE_FILE
    if _good_until(path, utc_now() + RENEW_BEFORE):
        return path
    pem = _make(utc_now(), [*own_addresses(), *further_addresses])
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    draft.replace(path)
    return path


def _good_until(path: Path, moment: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return certificate.not_valid_after_utc > moment


def _make(now: datetime, addresses: Sequence[str]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "VCS try-out")])
    names: list[x509.GeneralName] = [
        x509.DNSName(name) for name in dict.fromkeys(["localhost", socket.gethostname()])
    ]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in dict.fromkeys(addresses)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
