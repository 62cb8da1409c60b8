"""No secret reaches the log, whoever writes the line."""

import logging

import pytest

from consoleproxy.log import set_up_logging


def test_tokens_in_foreign_lines_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    try:
        logging.getLogger("tornado.general").warning(
            "GET /websockify?token=AAAA+bbb/cc==&extra=hush 500", extra={"session": "uuid-1"}
        )
    finally:
        logging.basicConfig(force=True, handlers=[logging.NullHandler()])
    printed = capsys.readouterr().err
    assert "[uuid-1]" in printed
    assert "AAAA" not in printed
    assert "hush" not in printed
    assert "token=***&extra=*** 500" in printed
