"""``consoleproxy secrets``: keys for secrets at rest, and one key for another."""

import argparse
import getpass
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from consoleproxy.cli.running import add_settings_arguments, settings_from
from consoleproxy.cli.sealing import sealer_of
from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.sealed import (
    PURPOSES,
    inventory_secrets,
    reseal_inventory,
)
from consoleproxy.management.storage.key_file import add_key, create_key_file, read_key_file
from consoleproxy.management.storage.rotation import Survey, rotate, survey
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from consoleproxy.management.storage.store import Store, shown_location
from consoleproxy.settings import Settings

_Result = TypeVar("_Result")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``secrets key``, ``seal``, ``rotate`` and ``check`` to the program's commands."""
    parser = subparsers.add_parser(
        "secrets", help="keys for what the management server stores, and one key for another"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    key = actions.add_parser("key", help="make a new key")
    key.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="file to make; default: print the key"
    )
    key.add_argument(
        "--add", action="store_true", help="write it before the keys of a file that is there"
    )
    key.set_defaults(run=run_key)

    seal = actions.add_parser("seal", help="seal a VNC password for the inventory file")
    seal.add_argument("--vm", required=True, metavar="UUID", help="the machine that it is for")
    seal.add_argument(
        "--tunnel-session", action="store_true", help="seal XenServer's session, not a password"
    )
    add_settings_arguments(seal)
    seal.set_defaults(run=run_seal)

    rotation = actions.add_parser("rotate", help="seal all secrets of the database anew")
    rotation.add_argument(
        "--new-key-file",
        type=Path,
        metavar="FILE",
        help="under its first key; default: under the first one of the settings",
    )
    rotation.add_argument(
        "--inventory", action="store_true", help="those of the inventory file as well"
    )
    add_settings_arguments(rotation)
    rotation.set_defaults(run=run_rotate)

    check = actions.add_parser("check", help="say what is sealed under which key")
    add_settings_arguments(check)
    check.set_defaults(run=run_check)


def run_key(args: argparse.Namespace) -> int:
    """Make a key file, or print a key.

    Raises:
        SettingsInvalid: the file cannot be made.
    """
    key = new_key()
    if args.file is None:
        print(key.line())
        return 0
    if args.add:
        add_key(args.file, key)
    else:
        create_key_file(args.file, key)
    print(f"{args.file}: key {key.id} seals. Keep a copy where no copy of the database is.")
    return 0


def run_seal(args: argparse.Namespace) -> int:
    """Print the line for the inventory file.

    Raises:
        SettingsInvalid: no key can be used, or there is nothing to seal.
    """
    try:
        vm_uuid = str(uuid.UUID(args.vm))
    except ValueError:
        raise SettingsInvalid([f"--vm {args.vm} is not a UUID"]) from None
    key = "tunnel_session_sealed" if args.tunnel_session else "password_sealed"
    sealer = sealer_of(settings_from(args).settings)
    text = _standard_input(PURPOSES[key])
    print(f'{key} = "{sealer.seal(text, PURPOSES[key], vm_uuid)}"')
    return 0


def run_rotate(args: argparse.Namespace) -> int:
    """Seal anew and print how many; 1 if another server sealed under another key meanwhile.

    Raises:
        SettingsInvalid, SecretUnreadable: a secret does not open; nothing has changed.
    """
    settings = settings_from(args).settings
    given = sealer_of(settings)
    sealer, secret = given, settings.management_secret
    if args.new_key_file is not None:
        new = read_key_file(args.new_key_file, f"--new-key-file {args.new_key_file}")
        sealer = Sealer.of(new[0], *given.ring.keys)
    key = sealer.ring.keys[0].id
    done = _in_database(settings, lambda db: rotate(db, sealer, secret))
    print(f"database: {_counted(done)} sealed under key {key}")
    if args.inventory:
        path = Path(settings.manage_inventory)
        print(f"{path}: {_counted(reseal_inventory(path, sealer))} sealed under key {key}")
    after = _in_database(settings, lambda db: survey(db, sealer))
    if all(name in ("", key) for name, _ in after.counts):
        return 0
    print(
        "Meanwhile a management server sealed something under another key: restart those that do "
        "not have this key as their first one yet, and rotate again."
    )
    return 1


def run_check(args: argparse.Namespace) -> int:
    """Print what is sealed under which key; 1 if a secret does not open or is not sealed.

    Raises:
        SettingsInvalid: no key, or no database, can be used.
    """
    settings = settings_from(args).settings
    sealer = sealer_of(settings)
    found = _in_database(settings, lambda db: survey(db, sealer))
    for line in _check_lines(settings, sealer, found):
        print(line)
    in_the_clear = any(not key for key, _ in found.counts)
    return 1 if found.unreadable or in_the_clear else 0


def _check_lines(settings: Settings, sealer: Sealer, found: Survey) -> Iterator[str]:
    for number, key in enumerate(sealer.ring.keys):
        yield f"key {key.id} {'opens' if number else 'seals and opens'}"
    yield f"{shown_location(settings.manage_database)}: last sealed under {_key(found.canary)}"
    for (name, purpose), count in sorted(found.counts.items()):
        yield f"  {_key(name)}: {count} x {purpose}"
    for fault in found.unreadable:
        yield f"  FAIL {fault}"
    path = Path(settings.manage_inventory)
    if settings.manage_inventory and path.exists():
        yield f"{path}:"
        yield from _inventory_lines(path, sealer)


def _inventory_lines(path: Path, sealer: Sealer) -> Iterator[str]:
    counts: dict[tuple[str, Purpose], int] = {}
    for secret in inventory_secrets(path):
        counts[secret.key_id, secret.purpose] = counts.get((secret.key_id, secret.purpose), 0) + 1
    if not counts:
        yield "  no secret"
    for (name, purpose), count in sorted(counts.items()):
        lost = "" if not name or sealer.ring.find(name) else ", which is not given"
        yield f"  {_key(name)}{lost}: {count} x {purpose}"


def _key(name: str) -> str:
    return f"key {name}" if name else "no key"


def _counted(done: Mapping[Purpose, int]) -> str:
    return ", ".join(f"{count} x {purpose}" for purpose, count in done.items()) or "nothing more"


def _in_database(settings: Settings, work: Callable[[Connection], _Result]) -> _Result:
    location = settings.manage_database
    if "://" not in location and not Path(location).exists():
        # A store would make one.
        raise SettingsInvalid([f"consoleproxy.manage.database={location}: there is no such file"])
    with closing(Store(location)) as store:
        return store.run(work)


def _standard_input(purpose: Purpose) -> str:
    if sys.stdin.isatty():
        text = getpass.getpass(f"{purpose}: ")
    else:
        text = sys.stdin.read().rstrip("\r\n")
    if not text:
        raise SettingsInvalid([f"there is no {purpose} on standard input"])
    return text
