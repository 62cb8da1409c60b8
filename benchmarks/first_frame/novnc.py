"""noVNC's own page: Debian's package has it, and npm's has not."""

import shutil
import subprocess
from pathlib import Path

_INSTALLED = Path("/usr/share/novnc")
_PACKAGE = "novnc"


def novnc_pages(folder: Path) -> Path:
    """Return a folder with ``vnc.html`` and all that it loads; nothing is installed.

    Args:
        folder: an empty one, for what is unpacked where the package is not installed.

    Raises:
        FileNotFoundError: nor is this Debian, or its like.
        subprocess.CalledProcessError: apt-get found no package.
    """
    if _INSTALLED.is_dir():
        return _INSTALLED
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise FileNotFoundError(f"noVNC's page is missing: install it as {_INSTALLED}")
    # Its own user could not write into a folder of root's.
    own = "APT::Sandbox::User=root"
    subprocess.run([apt, "download", "-qq", "-o", own, _PACKAGE], cwd=folder, check=True)
    (archive,) = folder.glob("*.deb")
    subprocess.run([dpkg, "-x", archive, folder], check=True)
    return folder / _INSTALLED.relative_to("/")
