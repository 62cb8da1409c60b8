"""Jobs: CloudStack answers some commands with the id of a job, whose result clients then ask for.

Here the job is over before its id is told.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consoleproxy.errors import ManagementRequestRefused, ParameterInvalid
from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, api_date
from consoleproxy.management.api.parameters import identifier
from consoleproxy.management.records.jobs import AsyncJob, add_job, job_of
from consoleproxy.management.storage.database import Database

_SUCCEEDED, _FAILED = 1, 2


@dataclass(frozen=True, slots=True)
class Jobs:
    """Stores results of jobs, and answers for them; ``clock`` gives seconds since 1970."""

    database: Database
    clock: Callable[[], float]

    def commands(self) -> Mapping[str, Command]:
        """Return the command about them by name."""
        return {
            "queryAsyncJobResult": Command(
                self.query_async_job_result,
                EVERYBODY,
                "Tells what became of a job.",
                (identifier("jobid", "id of the job", required=True),),
            )
        }

    async def succeeded(self, call: Call, command: str, result: Answer) -> Answer:
        """Store a job that went well, and return its id.

        Args:
            command: CloudStack's class of it.
        """
        return await self._finished(call, command, 0, result)

    async def failed(self, call: Call, command: str, refusal: ManagementRequestRefused) -> Answer:
        """Store a job that was refused, and return its id."""
        code = refusal.status
        result: Answer = {"errorcode": code, "errortext": str(refusal)}
        return await self._finished(call, command, code, result)

    async def query_async_job_result(self, call: Call) -> Answer:
        """``queryAsyncJobResult``, by ``jobid``; of the caller's account."""
        wanted = call.required("jobid").lower()
        job = await self.database.run(lambda db: job_of(db, wanted))
        if job is None or not _may_see(call.caller, job):
            raise ParameterInvalid(f"Invalid parameter jobid value={wanted}: there is no such job")
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

    async def _finished(self, call: Call, command: str, code: int, result: Answer) -> Answer:
        job = AsyncJob(
            uuid=str(uuid.uuid4()),
            account=call.account,
            command=command,
            created=self.clock(),
            result_code=code,
            result=json.dumps(result),
            account_uuid=call.caller.account_uuid,
        )
        await self.database.run(lambda db: add_job(db, job))
        return {"jobid": job.uuid}


def _may_see(caller: Caller, job: AsyncJob) -> bool:
    return caller.role is Role.ADMIN or job.account_uuid == caller.account_uuid
