#!/usr/bin/env bash
# Installs the Debian packages that the tests need and that are not there yet.
set -euo pipefail
PATH=$PATH:/usr/sbin # servers are there, where Debian's users do not look

declare -A package_of=(
  [qemu-system-x86_64]=qemu-system-x86 # guests
  [nasm]=nasm                          # their boot sector
  [xkbcli]=libxkbcommon-tools          # what each key of a layout writes
  [gcc]=gcc                            # builds the load generator of the benchmarks
  [chromium]=chromium                  # the browser
  [chromedriver]=chromium-driver       # and what drives it
  [certutil]=libnss3-tools             # its trust in a development root
  [node]=nodejs                        # builds the viewer
  [npm]=npm                            # fetches noVNC
  [Xvnc]=tigervnc-standalone-server    # the other VNC server
  [setxkbmap]=x11-xkb-utils            # its keyboard's layout
  [vncpasswd]=tigervnc-tools           # its password file
  [xclip]=xclip                        # copies and pastes on an X server
  [Xtightvnc]=tightvncserver           # a VNC server of the older kind
  [haproxy]=haproxy                    # load balancer
  [nginx]=nginx                        # and another
  [keytool]=default-jre-headless       # makes Java keystores
  [openssl]=openssl                    # makes certificates as operators do
  [ip]=iproute2                        # routes and network namespaces
  [nft]=nftables                       # the firewall in which an agent opens its ports
  [iptables]=iptables                  # and the other one
  [testssl]=testssl.sh                 # grades the console port
  [mariadbd]=mariadb-server-core       # the other database of the management server
  [mariadb]=mariadb-client-core        # what its installation asks for
  [libvirtd]=libvirt-daemon            # hypervisor of the inventory from libvirt
  [pkg-config]=pkg-config              # finds what libvirt-python is compiled against
  [dig]=bind9-dnsutils                 # asks the responder of names
  [knotd]=knot                         # what its answers are held against
  [unbound]=unbound                    # the resolver in front of it
  [dnsmasq]=dnsmasq-base               # takes what is printed for it
  [lintian]=lintian                    # looks at the Debian package
  [systemd-nspawn]=systemd-container   # boots a system VM with it
  [pdns_server]=pdns-server            # and so does PowerDNS, with its database of zones
)

missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
# Debian's Python leaves out what makes virtual environments.
"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
# The load generator speaks TLS; headers have no program.
[ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)
[ -e /usr/include/libvirt/libvirt.h ] || missing+=(libvirt-dev)
# What dead keys compose is a table.
[ -e /usr/share/X11/locale/en_US.UTF-8/Compose ] || missing+=(libx11-data)
[ -e /usr/share/X11/xkb/symbols/us ] || missing+=(xkb-data)
# That server does not start without a font.
[ -d /usr/share/fonts/X11/misc ] || missing+=(xfonts-base)
# libvirt's drivers are plugins.
compgen -G '/usr/lib*/*/libvirt/connection-driver/libvirt_driver_qemu.so' >/dev/null ||
  missing+=(libvirt-daemon-driver-qemu)
"${PYTHON:-python3}" -c 'import os, sysconfig as s
raise SystemExit(not os.path.exists(s.get_path("include") + "/Python.h"))' ||
  missing+=(python3-dev)
[ -e /usr/share/pdns-backend-sqlite3 ] || missing+=(pdns-backend-sqlite3)
# Galera is a library.
[ -e /usr/lib/galera/libgalera_smm.so ] || missing+=(galera-4)
# nginx's module for TLS passthrough has no program.
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] ||
  nginx -V 2>&1 | grep -Eq -- '--with-stream( |$)' || missing+=(libnginx-mod-stream)
# The Linux guest is fetched, and not installed.
guest() {
  "$(dirname "$0")/guests/linux/fetch.sh" >/dev/null ||
    echo "The tests with a Linux guest will fail: it could not be fetched." >&2
}
if [ "${#missing[@]}" -eq 0 ]; then
  guest
  exit 0
fi

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
# The tests run their own; Debian's would be open to the network from now on.
declare -A service_of=(
  [haproxy]=haproxy [nginx]=nginx [knot]=knot [unbound]=unbound [pdns-server]=pdns
)
for package in "${missing[@]}"; do
  service=${service_of[$package]:-}
  if [ -n "$service" ] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet --now "$service"
  fi
done
guest
