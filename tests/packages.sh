#!/usr/bin/env bash
# Installs the Debian packages that the tests need and that are not there yet.
set -euo pipefail

declare -A package_of=(
  [qemu-system-x86_64]=qemu-system-x86 # guests
  [nasm]=nasm                          # their boot sector
  [chromium]=chromium                  # the browser
  [chromedriver]=chromium-driver       # and what drives it
  [certutil]=libnss3-tools             # its trust in a development root
  [node]=nodejs                        # builds the viewer
  [npm]=npm                            # fetches noVNC
  [Xvnc]=tigervnc-standalone-server    # the other VNC server
  [vncpasswd]=tigervnc-tools           # its password file
)

missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
# Debian's Python leaves out what makes virtual environments.
"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
fi
if ! command -v apt-get >/dev/null; then
  echo "The tests need these Debian packages, or their like: ${missing[*]}" >&2
  exit 1
fi
echo "Installing with apt-get, for the tests: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
