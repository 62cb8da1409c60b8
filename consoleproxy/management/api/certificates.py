"""The API commands about certificates: ``uploadCustomCertificate`` and the result of its job.

CloudStack answers an upload with the id of a job, whose result clients then ask for. Here the job
is over before its id is told.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consoleproxy.errors import KeystoreInvalid, ManagementRequestRefused
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.rows import KeystoreRow
from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, api_date
from consoleproxy.management.certificates import Certificates, Uploaded
from consoleproxy.management.records.jobs import AsyncJob, add_job, job_of
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.schema import ALIAS_LETTERS, SUFFIX_LETTERS

_log = logging.getLogger(__name__)

_UPLOAD = "org.apache.cloudstack.api.command.admin.resource.UploadCustomCertificateCmd"
_SUCCEEDED, _FAILED = 1, 2
_PARAMETER_ERROR = 431


@dataclass(frozen=True, slots=True)
class CertificateCommands:
    """What the commands work on; ``clock`` gives seconds since 1970."""

    certificates: Certificates
    database: Database
    clock: Callable[[], float]

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "uploadCustomCertificate": Command(self.upload_custom_certificate),
            "queryAsyncJobResult": Command(self.query_async_job_result, EVERYBODY),
        }

    async def upload_custom_certificate(self, call: Call) -> Answer:
        """``uploadCustomCertificate``: the server certificate with its key, or one of its chain."""
        call.required("certificate")
        call.required("domainsuffix")
        try:
            uploaded = await self.certificates.upload(_row(call))
        except KeystoreInvalid as fault:
            _log.warning("certificate from %s refused: %s", call.source_address, fault)
            return await self._failed(call, _PARAMETER_ERROR, str(fault))
        except ManagementRequestRefused as refusal:
            return await self._failed(call, refusal.status, str(refusal))
        certificate: Answer = {"message": upload_message(uploaded)}
        return await self._finished(call, 0, {"customcertificate": certificate})

    async def query_async_job_result(self, call: Call) -> Answer:
        """``queryAsyncJobResult``, by ``jobid``."""
        wanted = call.required("jobid").lower()
        job = await self.database.run(lambda db: job_of(db, wanted))
        if job is None or not _may_see(call.caller, job):
            raise ManagementRequestRefused(
                431, f"Invalid parameter jobid value={wanted}: there is no such job"
            )
        return {
            "account": job.account,
            "cmd": job.command,
            "jobstatus": _FAILED if job.result_code else _SUCCEEDED,
            "jobprocstatus": 0,
            "jobresultcode": job.result_code,
            "jobresulttype": "object",
            "jobresult": json.loads(job.result),
            "created": api_date(job.created),
            "completed": api_date(job.created),
            "jobid": job.uuid,
        }

    async def _failed(self, call: Call, code: int, text: str) -> Answer:
        return await self._finished(call, code, {"errorcode": code, "errortext": text})

    async def _finished(self, call: Call, result_code: int, result: Answer) -> Answer:
        job = AsyncJob(
            uuid=str(uuid.uuid4()),
            account=call.account,
            command=_UPLOAD,
            created=self.clock(),
            result_code=result_code,
            result=json.dumps(result),
            account_uuid=call.caller.account_uuid,
        )
        await self.database.run(lambda db: add_job(db, job))
        return {"jobid": job.uuid}


def _may_see(caller: Caller, job: AsyncJob) -> bool:
    return caller.role is Role.ADMIN or job.account_uuid == caller.account_uuid


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
    _check_length("name", alias, ALIAS_LETTERS)
    _check_length("domainsuffix", call.text("domainsuffix"), SUFFIX_LETTERS)
    return KeystoreRow(
        name=alias,
        certificate=call.parameters["certificate"],
        key=key if key.strip() else None,
        domain_suffix=call.text("domainsuffix"),
        seq=None if key.strip() else call.number("id", 1),
    )


def _check_length(name: str, value: str, limit: int) -> None:
    if len(value) > limit:
        raise _refused(f"{name} has more than {limit} characters")


def _refused(text: str) -> ManagementRequestRefused:
    return ManagementRequestRefused(_PARAMETER_ERROR, text)
