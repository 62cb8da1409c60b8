#!/bin/sh
# consoleproxy, on Debian's Python, with its own libraries. It works wherever this tree is.
here=$(dirname "$(readlink -f "$0")")
# websockify's engine warns without numpy, whose part Tornado's C function has here.
exec "$here/python3" -I -W "ignore:no 'numpy' module" -m consoleproxy "$@"
