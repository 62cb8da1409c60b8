"""``/certificates``: what the console ports serve, and a form to upload something else. No script.

Nothing that was pasted is shown again: a private key may be in any of it.
"""

from http import HTTPStatus

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.blocks import read_pem
from consoleproxy.management.certificates import Uploaded
from consoleproxy.management.pages.certificate_rows import served_certificates
from consoleproxy.management.pages.handler import PageHandler

_FIELDS = ("certificate", "key", "chain")


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
        served = await served_certificates(self._pages.certificates)
        self.render(
            "certificates.html",
            shown=served.rows,
            warnings=served.warnings,
            fault=fault,
            uploaded=uploaded,
            domain=self._pages.certificates.url_domain,
        )
