from __future__ import annotations

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from cryptography import x509

from vcs.clock import utc_now
from vcs.config import BadSettings, Settings
from vcs.http import tls
from vcs.http.tls import own_addresses, self_signed_certificate, server_tls


def test_without_tls_there_is_no_context(tmp_path: Path) -> None:
    assert server_tls(Settings(data_dir=tmp_path)) is None


async def test_a_client_that_trusts_the_certificate_gets_through(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, self_signed=True)
    context = server_tls(settings)
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=request.scheme)

    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        trusting = ssl.create_default_context(cafile=tmp_path / tls.CERTIFICATE_FILE)
        async with ClientSession() as client:
            for host in ("127.0.0.1", "localhost"):
                url = f"https://{host}:{runner.addresses[0][1]}/"
                async with client.get(url, ssl=trusting) as answer:
                    assert await answer.text() == "https"
    finally:
        await runner.cleanup()


def test_the_certificate_is_made_once_and_names_the_machine(tmp_path: Path) -> None:
    path = self_signed_certificate(tmp_path, ["192.0.2.77"])
    pem = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert self_signed_certificate(tmp_path).read_bytes() == pem
    names = (
        x509.load_pem_x509_certificate(pem)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert {*own_addresses(), "192.0.2.77"} == addresses
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert all(ipaddress.ip_address(own) for own in own_addresses())


def test_one_about_to_expire_or_spoilt_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = self_signed_certificate(tmp_path).read_bytes()
    monkeypatch.setattr(tls, "utc_now", lambda: utc_now() + timedelta(days=359))
    renewed = self_signed_certificate(tmp_path).read_bytes()
    assert renewed != pem
    (tmp_path / tls.CERTIFICATE_FILE).write_text("spoilt")
    assert b"CERTIFICATE" in self_signed_certificate(tmp_path).read_bytes()


def test_a_certificate_with_another_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    certificate = self_signed_certificate(tmp_path / "a")
    key = self_signed_certificate(tmp_path / "b")
    settings = Settings(data_dir=tmp_path, tls_certificate=certificate, tls_key=key)
    with pytest.raises(BadSettings, match="tls_certificate, tls_key"):
        server_tls(settings)
    assert server_tls(settings.replace(tls_key=certificate)) is not None
