"""Assembly of what opens tokens."""

from pathlib import Path

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.jwt_keys import JwtKeys, parse_sealing_key
from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Settings


def codec_of_files(settings: Settings) -> TokenCodec:
    """Return what opens tokens before the management server has handed its keys over.

    Raises:
        SettingsInvalid: a file cannot be read, or holds no key.
    """
    keys = None
    if settings.token_key_file:
        keys = EncryptionKeys.parse(_read("consoleproxy.token.key.file", settings.token_key_file))
    return TokenCodec(keys, jwt_keys_of(settings), accept_cbc=settings.accept_cbc)


def jwt_keys_of(settings: Settings) -> JwtKeys | None:
    """Return the keys of ``consoleproxy.token.jwt.*``, if it is set.

    Raises:
        SettingsInvalid: a file cannot be read, or holds no key.
    """
    if not settings.jwt_algorithm:
        return None
    sealing = _read("consoleproxy.token.jwt.sealing.key.file", settings.jwt_sealing_key_file)
    return JwtKeys(
        algorithm=settings.jwt_algorithm,
        key=_read("consoleproxy.token.jwt.key.file", settings.jwt_key_file),
        sealing_key=parse_sealing_key(sealing),
        audience=settings.jwt_audience,
    )


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid([f"{name}: {path or 'is empty'}: {error.strerror}"]) from error
