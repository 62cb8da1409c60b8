"""``consoleproxy diagnostics``: what support asks for, in one file."""

import argparse
import base64
import binascii
import datetime
import platform
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from consoleproxy import __version__
from consoleproxy.agent.diagnostics.archive import write_archive
from consoleproxy.agent.diagnostics.parts import Part, end_of, parts_of_system
from consoleproxy.agent.told import Told, listing, secrets_of, settings_told
from consoleproxy.cli.agent import KERNEL_FILE, told_of
from consoleproxy.cli.running import add_settings_arguments, settings_from
from consoleproxy.errors import SettingsInvalid
from consoleproxy.settings import Settings, declared_settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "diagnostics", help="collect firewall, addresses, routes, logs and settings in an archive"
    )
    add_settings_arguments(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="the archive, a new file; else consoleproxy-diagnostics-DATE.tar.gz",
    )
    parser.add_argument(
        "--log", action="append", default=[], type=Path, metavar="FILE", help="one more log"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Collect what there is, and say what there is not; what is wrong here must not stop it."""
    now = datetime.datetime.now(datetime.UTC)
    folder = f"consoleproxy-diagnostics-{now:%Y%m%d-%H%M%S}"
    path = args.output or Path(f"{folder}.tar.gz")
    own = _settings(args, None)
    told = _told(args, own)
    settings = _settings(args, settings_told(told))
    collected = write_archive(
        path, folder, _parts(args, settings, told), {*_secrets(settings, told), *_secrets(own, {})}
    )
    for one in collected:
        print(one)
    print(f"all of it is in {path}, without secrets that are known; read it before it goes out")
    return 0


def _parts(
    args: argparse.Namespace, settings: Settings, told: Mapping[str, Told]
) -> Iterator[Part]:
    yield Part("version.txt", _version)
    yield Part("boot.txt", lambda: _text(listing(told)), listed=True)
    yield Part(
        "settings.txt",
        lambda: _text(settings_from(args, settings_told(told)).lines()),
        listed=True,
    )
    yield from parts_of_system(Path(settings.agent_folder))
    for number, log in enumerate(args.log, 1):
        yield Part(f"logs/{number}-{log.name}", partial(end_of, log))


def _version() -> str:
    python = f"Python {platform.python_version()}"
    return _text([f"consoleproxy {__version__}", python, platform.platform()])


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _settings(args: argparse.Namespace, told: Mapping[str, str] | None) -> Settings:
    """Return the settings; where they cannot be used, those from which nothing is missing."""
    try:
        return settings_from(args, told).settings
    except (SettingsInvalid, OSError, UnicodeDecodeError):
        return Settings()


def _told(args: argparse.Namespace, settings: Settings) -> dict[str, Told]:
    try:
        return told_of(args.boot_arguments or KERNEL_FILE, Path(settings.agent_folder))
    except OSError:
        return {}


def _secrets(settings: Settings, told: Mapping[str, Told]) -> Iterator[str]:
    for secret in secrets_of(told):
        yield secret
        try:
            # authorized_key is an SSH key in base64.
            yield base64.b64decode(secret, validate=True).decode().strip()
        except (binascii.Error, UnicodeDecodeError):
            continue
    for declared in declared_settings():
        if declared.setting.secret and (value := str(getattr(settings, declared.field))):
            if value != declared.default:
                yield value
    try:
        yield urlsplit(settings.manage_database).password or ""
    except ValueError:
        return
