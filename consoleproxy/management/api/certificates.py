"""The API command about certificates: ``uploadCustomCertificate``."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.errors import KeystoreInvalid, ManagementRequestRefused
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.rows import KeystoreRow
from consoleproxy.management.api.call import ADMINS, Answer, Call, Command
from consoleproxy.management.api.jobs import Jobs
from consoleproxy.management.api.parameters import Parameter, number
from consoleproxy.management.certificates import Certificates, Uploaded
from consoleproxy.management.storage.schema import ALIAS_LETTERS, SUFFIX_LETTERS, TEXT_BYTES

_log = logging.getLogger(__name__)

_UPLOAD = "org.apache.cloudstack.api.command.admin.resource.UploadCustomCertificateCmd"
_PARAMETER_ERROR = 431


@dataclass(frozen=True, slots=True)
class CertificateCommands:
    """What the command works on."""

    certificates: Certificates
    jobs: Jobs

    def commands(self) -> Mapping[str, Command]:
        """Return it by name."""
        return {
            "uploadCustomCertificate": Command(
                self.upload_custom_certificate,
                ADMINS,
                "Uploads the certificate of the console ports, or one of its chain.",
                (
                    Parameter("certificate", "in PEM", required=True, length=TEXT_BYTES),
                    Parameter("domainsuffix", "the domain", required=True, length=SUFFIX_LETTERS),
                    Parameter("privatekey", "in PEM; of the server certificate", length=TEXT_BYTES),
                    Parameter("name", "alias, of one of the chain", length=ALIAS_LETTERS),
                    number("id", "place in the chain, of one of it; the root is 1"),
                ),
                is_async=True,
            ),
        }

    async def upload_custom_certificate(self, call: Call) -> Answer:
        """``uploadCustomCertificate``: the server certificate with its key, or one of its chain."""
        call.required("certificate")
        call.required("domainsuffix")
        try:
            uploaded = await self.certificates.upload(_row(call))
        except KeystoreInvalid as fault:
            _log.warning("certificate from %s refused: %s", call.source_address, fault)
            return await self.jobs.failed(call, _UPLOAD, _refused(str(fault)))
        except ManagementRequestRefused as refusal:
            return await self.jobs.failed(call, _UPLOAD, refusal)
        certificate: Answer = {"message": upload_message(uploaded)}
        return await self.jobs.succeeded(call, _UPLOAD, {"customcertificate": certificate})


def upload_message(uploaded: Uploaded) -> str:
    """Return what became of an upload, in whole sentences."""
    if uploaded.changed:
        served = "Console proxies serve it within seconds; open sessions go on."
    elif uploaded.serving:
        served = "What console proxies serve stays as it was."
    else:
        served = "Console proxies serve none yet."
    return " ".join(
        [
            "Certificate has been successfully updated.",
            served,
            *(f"Repaired: {repair}." for repair in uploaded.repairs),
            *(f"Warning: {warning}." for warning in uploaded.warnings),
        ]
    )


def _row(call: Call) -> KeystoreRow:
    """Read the row, with CloudStack's rules for what may be left out, and its messages.

    Raises:
        ManagementRequestRefused: 431
    """
    alias, index = call.text("name"), call.text("id")
    key = call.parameters.get("privatekey", "")
    if key.strip():
        if alias:
            raise _refused("Can't change the alias for private key certification")
        alias = SERVER_CERTIFICATE_NAME
    elif not alias:
        raise _refused("alias can't be empty, if it's a certification chain")
    elif not index:
        raise _refused("index can't be empty, if it's a certifciation chain")
    return KeystoreRow(
        name=alias,
        certificate=call.parameters["certificate"],
        key=key if key.strip() else None,
        domain_suffix=call.text("domainsuffix"),
        seq=None if key.strip() else call.number("id", 1),
    )


def _refused(text: str) -> ManagementRequestRefused:
    return ManagementRequestRefused(_PARAMETER_ERROR, text)
