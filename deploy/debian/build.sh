#!/usr/bin/env bash
# Builds the Debian package from a wheel: build.sh WHEEL FOLDER prints the path of the .deb there.
#
#   DEB_ARCH  amd64 or arm64; the machine's own by default. Nothing is compiled or run, so either
#             builds on either.
#   PYTHON    whose pip fetches the wheels of requirements.txt
#
# One package serves Debian's Pythons from 3.11 to 3.13: compiled modules carry the version in their
# names and lie side by side. The same inputs give the same bytes (SOURCE_DATE_EPOCH).
set -euo pipefail
umask 022

wheel=$(realpath "$1") out=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
source=$here/../..
python=${PYTHON:-python3}
arch=${DEB_ARCH:-$(dpkg --print-architecture)}
pythons=(3.11 3.12 3.13)
case $arch in
  amd64) cpu=x86_64 ;;
  arm64) cpu=aarch64 ;;
  *) echo "DEB_ARCH=$arch must be amd64 or arm64" >&2; exit 2 ;;
esac
: "${SOURCE_DATE_EPOCH:=$(git -C "$source" log -1 --format=%ct 2>/dev/null || stat -c %Y "$source/CHANGELOG.md")}"
export SOURCE_DATE_EPOCH
version=$(basename "$wheel" | cut -d- -f2)-1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
lib=$root/usr/lib/consoleproxy
mkdir -p "$root/DEBIAN" "$lib/bin" "$lib/site-packages" "$root"/usr/{bin,sbin}

install_file() { install -D -m "${3:-644}" "$here/$1" "$root/$2"; }

fetch() { # FOLDER PYTHON: the pinned wheels, as pip unpacks them
  local tags=() glibc
  # Debian 12 has glibc 2.36.
  for glibc in 36 35 34 31 28 27 26 24 17; do tags+=(--platform "manylinux_2_${glibc}_$cpu"); done
  "$python" -m pip --disable-pip-version-check install --quiet --target "$1" --no-deps --no-compile \
    --only-binary=:all: --implementation cp --python-version "$2" "${tags[@]}" \
    --platform "manylinux2014_$cpu" -r "$here/requirements.txt"
}

fetching=()
for one in "${pythons[@]}"; do
  fetch "$work/$one" "$one" &
  fetching+=($!)
done
for one in "${fetching[@]}"; do wait "$one"; done
for one in "${pythons[@]}"; do
  # SQLAlchemy has each of these in Python, too, and they are a third of the package's size.
  find "$work/$one/sqlalchemy" -name '*_cy.cpython-*.so' -delete
  cp -rn "$work/$one/." "$lib/site-packages"
done
"$python" -m pip --disable-pip-version-check install --quiet --target "$lib/site-packages" --no-deps \
  --no-compile --no-index --upgrade "$wheel"
rm -rf "$lib/site-packages/bin" "$lib/site-packages/tornado/test"
# Lists of files with their sums, and of how pip put them there.
find "$lib/site-packages" \( -name RECORD -o -name INSTALLER -o -name REQUESTED \
  -o -name direct_url.json \) -delete

# A virtual environment of Debian's Python, whichever of them it is.
printf 'home = /usr/bin\ninclude-system-site-packages = true\n' >"$lib/pyvenv.cfg"
ln -s ../../../bin/python3 "$lib/bin/python3"
for one in "${pythons[@]}"; do
  mkdir -p "$lib/lib/python$one"
  ln -s ../../site-packages "$lib/lib/python$one/site-packages"
done
install_file launcher.sh usr/lib/consoleproxy/bin/consoleproxy 755
ln -s ../lib/consoleproxy/bin/consoleproxy "$root/usr/bin/consoleproxy"
install_file system-vm usr/lib/consoleproxy/system-vm 755
install_file consoleproxy-cloudstack usr/sbin/consoleproxy-cloudstack 755
for name in cloud.service.conf kernel.conf; do
  install_file "$name" "usr/share/consoleproxy/$name"
done

for unit in "$here"/../systemd/*.service; do
  # Their heads tell how to do by hand what the package does.
  sed -e '1,/^$/d' -e 's#/opt/consoleproxy/bin/#/usr/bin/#' "$unit" |
    install -D -m 644 /dev/stdin "$root/usr/lib/systemd/system/$(basename "$unit")"
done
install_file ../systemd/consoleproxy-sysusers.conf usr/lib/sysusers.d/consoleproxy.conf
for name in agent consoleproxy dns; do
  install_file "$name.toml" "etc/consoleproxy/$name.toml"
done
# Secrets will be in it.
install_file management.toml etc/consoleproxy/management.toml 600
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"

doc=$root/usr/share/doc/consoleproxy
install_file copyright usr/share/doc/consoleproxy/copyright
for document in "$source"/docs/*.md "$source"/docs/viewer/*.md; do
  install -D -m 644 "$document" "$doc/${document#"$source/docs/"}"
done
gzip -9n <"$source/CHANGELOG.md" | install -D -m 644 /dev/stdin "$doc/changelog.gz"
maintainer=$(sed -n 's/^Maintainer: //p' "$here/control.in")
printf 'consoleproxy (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(LC_ALL=C date -uR -d "@$SOURCE_DATE_EPOCH")" | gzip -9n |
  install -D -m 644 /dev/stdin "$doc/changelog.Debian.gz"
for page in consoleproxy.1 consoleproxy-cloudstack.8; do
  gzip -9n <"$here/$page" |
    install -D -m 644 /dev/stdin "$root/usr/share/man/man${page##*.}/$page.gz"
done
install_file lintian-overrides usr/share/lintian/overrides/consoleproxy

find "$root" -path "$root/DEBIAN" -prune -o -type f -perm /111 -not -path '*/bin/*' \
  -not -path '*/sbin/*' -not -name system-vm -exec chmod 644 {} +
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
size=$(du -sk --apparent-size --exclude DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$arch/" -e "s/@SIZE@/$size/" \
  "$here/control.in" >"$root/DEBIAN/control"
for script in postinst prerm postrm; do install_file "$script" "DEBIAN/$script" 755; done
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

deb=$out/consoleproxy_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$root" "$deb" >/dev/null
echo "$deb"
