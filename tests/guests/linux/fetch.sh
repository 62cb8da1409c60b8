#!/usr/bin/env bash
# Fetches Debian's small kernel and a font with most characters, for the Linux guest of the tests;
# nothing is installed. Says where they are.
set -euo pipefail
folder=${XDG_CACHE_HOME:-$HOME/.cache}/consoleproxy-tests/linux
echo "$folder"
[ -e "$folder/vmlinuz" ] && [ -e "$folder/unifont.hex" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
newest() {
  apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" && /linux-image-[0-9]/ { print $2; exit }'
}
if [ -z "$(newest)" ]; then
  # A machine's image may come without apt's lists.
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq >&2
  [ -n "$(newest)" ] || { echo "apt-get knows no linux-image-cloud-amd64" >&2; exit 1; }
fi
# apt-get complains that its own user cannot write here, and does it all the same.
apt-get download -qq "$(newest)" unifont >&2
mkdir -p "$folder"
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -xO --wildcards './boot/vmlinuz-*' >vmlinuz
dpkg-deb --fsys-tarfile unifont_*.deb | tar -xO ./usr/share/unifont/unifont.hex >unifont.hex
mv vmlinuz unifont.hex "$folder/"
