#!/bin/sh
# Sets a host route to a hypervisor through the management network's gateway, as a CPVM needs where
# its default route is the public network's. An address of the management network itself needs none.
#
# Setting: consoleproxy.hypervisor.route.command = /usr/local/lib/consoleproxy/ensure-route.sh
# It has to run as root, or with CAP_NET_ADMIN (see systemd/consoleproxy.service).
#
# Change: the interface and the gateway of the management network.
set -eu

interface=eth1
gateway=10.1.2.1

fail() {
    echo "$*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "usage: $0 ADDRESS"
address=$1

case $address in
    # IPv6 hypervisors are reached by the routes that there are.
    *:*) exit 0 ;;
    *[!0-9.]* | *.*.*.*.* | *..* | .* | *.) fail "$address is not an IPv4 address" ;;
    *.*.*.*) ;;
    *) fail "$address is not an IPv4 address" ;;
esac
rest=$address.
while [ -n "$rest" ]; do
    number=${rest%%.*}
    rest=${rest#*.}
    case $number in
        0 | [1-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-5]) ;;
        *) fail "$address is not an IPv4 address" ;;
    esac
done

on_link=$(ip -4 route show match "$address/32" dev "$interface" scope link)
[ -z "$on_link" ] || exit 0
ip -4 route replace "$address/32" via "$gateway" dev "$interface"
