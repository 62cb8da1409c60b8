"""Finished jobs of the API's asynchronous commands in the database."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from consoleproxy.management.storage.schema import async_job

_RETENTION_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class AsyncJob:
    """A job that is over.

    Args:
        result_code: 0 if it went well, else CloudStack's error code.
        result: JSON text of the command's answer, or of the error.
    """

    uuid: str
    account: str
    command: str
    created: float
    result_code: int
    result: str
    account_uuid: str | None = None


_columns = (
    async_job.c.uuid,
    async_job.c.account,
    async_job.c.command,
    async_job.c.created,
    async_job.c.result_code,
    async_job.c.result,
    async_job.c.account_uuid,
)


def add_job(db: Connection, job: AsyncJob) -> None:
    """Store a job, and let go of those that nobody asks for any more."""
    db.execute(delete(async_job).where(async_job.c.created < job.created - _RETENTION_SECONDS))
    db.execute(
        insert(async_job).values(
            uuid=job.uuid,
            account=job.account,
            command=job.command,
            created=job.created,
            result_code=job.result_code,
            result=job.result,
            account_uuid=job.account_uuid,
        )
    )


def job_of(db: Connection, uuid: str) -> AsyncJob | None:
    """Return the job of that uuid, whosever it is."""
    row = db.execute(select(*_columns).where(async_job.c.uuid == uuid)).one_or_none()
    return AsyncJob(*row) if row else None
