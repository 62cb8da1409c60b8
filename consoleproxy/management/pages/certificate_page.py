"""``/certificates``: what the console ports serve, and a form to upload something else. No script.

Nothing that was pasted is shown again: a private key may be in any of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from cryptography import x509

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.blocks import read_pem
from consoleproxy.keystore.model import Keystore, name_text
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.validity import check_keystore, hosts_text
from consoleproxy.management.certificates import Uploaded
from consoleproxy.management.pages.pages import PageHandler

_FIELDS = ("certificate", "key", "chain")


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate as the page shows it."""

    role: str
    names: str
    issuer: str
    serial: str
    until: str

    @classmethod
    def of(cls, certificate: x509.Certificate, role: str) -> "Shown":
        """Return what is shown of a certificate; an authority goes by its subject."""
        return cls(
            role=role,
            names=hosts_text(certificate) or name_text(certificate.subject),
            issuer=name_text(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            until=f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
        )


class CertificatePage(PageHandler):
    """Shows what is served; takes an upload, and says what became of it."""

    async def get(self) -> None:
        await self._show()

    async def post(self) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Certificates are uploaded from this page itself.")
            return
        try:
            given = {name: self._given(name) for name in _FIELDS}
            uploaded = await self._pages.certificates.upload_all(**given)
        except KeystoreInvalid as fault:
            self.set_status(HTTPStatus.UNPROCESSABLE_ENTITY)
            await self._show(fault=str(fault))
        else:
            await self._show(uploaded=uploaded)

    def _given(self, name: str) -> str:
        """Return what was pasted, or what is in the file that was chosen.

        Raises:
            KeystoreInvalid: both are there, or the file is not text.
        """
        # Browsers send all line ends of a form as Windows has them.
        pasted = self.get_body_argument(name, "", strip=False).replace("\r\n", "\n")
        files = [file for file in self.request.files.get(f"{name}-file", ()) if file.body]
        if not files:
            return pasted
        if pasted.strip():
            raise KeystoreInvalid(
                f"{files[0].filename} was chosen, and text was pasted beside it: give one of both"
            )
        try:
            return files[0].body.decode()
        except UnicodeDecodeError:
            # It knows better what this is; what it can read all the same is ASCII.
            read_pem(files[0].filename, files[0].body)
            return files[0].body.decode("ascii", "replace")

    async def _show(self, *, fault: str = "", uploaded: Uploaded | None = None) -> None:
        certificates = self._pages.certificates
        shown: Sequence[Shown] = ()
        warnings: Sequence[str] = ()
        try:
            served = await certificates.served()
            if served.pem:
                keystore = parse_keystore([("what is served", served.pem)])
                shown = _shown(keystore)
                warnings = check_keystore(keystore, certificates.now(), certificates.url_domain)
        except KeystoreInvalid as problem:
            warnings = [str(problem)]
        self.render(
            "certificates.html",
            shown=shown,
            warnings=warnings,
            fault=fault,
            uploaded=uploaded,
            domain=certificates.url_domain,
        )


def _shown(keystore: Keystore) -> list[Shown]:
    return [
        Shown.of(keystore.certificate, "Server"),
        *(Shown.of(one, "Intermediate") for one in keystore.intermediates),
        *(Shown.of(one, "Root, not sent to browsers") for one in keystore.roots),
    ]
