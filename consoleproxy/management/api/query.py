"""The parameters of a request, as they are sent."""

import re
from urllib.parse import parse_qsl

from consoleproxy.errors import ManagementRequestRefused

_MOST_PARAMETERS = 200

# Signatures do not cover where a name ends, so no name may look like several parameters.
_NAME = re.compile(r"[\w.\[\]-]{1,64}", re.ASCII)


def read_parameters(encoded: str) -> dict[str, str]:
    """Read the parameters by lower-cased name.

    Args:
        encoded: a query, or a form.

    Raises:
        ManagementRequestRefused: 431; one that comes twice too: which of the two was meant?
    """
    try:
        pairs = parse_qsl(
            encoded,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise ManagementRequestRefused(
            431, f"parameters must be UTF-8, percent-encoded, and at most {_MOST_PARAMETERS}"
        ) from None
    parameters: dict[str, str] = {}
    for name, value in pairs:
        lowered = name.lower()
        if not _NAME.fullmatch(name):
            raise ManagementRequestRefused(
                431, "the name of a parameter has at most 64 letters, digits and . _ - [ ]"
            )
        if lowered in parameters:
            raise ManagementRequestRefused(431, f"parameter {lowered} was sent twice")
        if "\0" in value:
            raise ManagementRequestRefused(431, f"parameter {lowered} holds a zero byte")
        parameters[lowered] = value
    return parameters
