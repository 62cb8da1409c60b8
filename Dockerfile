# The console proxy: `docker build -t consoleproxy .`, then docker run -p 8080:8080 consoleproxy
# Other commands of the program go behind the image's name; `manage` and `dns` have other ports than
# the health check's: --no-healthcheck. For libvirt's inventory, build on it and add libvirt-python.
ARG PYTHON_VERSION=3.11

FROM node:22-bookworm-slim AS node

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
# The wheel's build bundles the viewer; both images are bookworm, so node runs here as it is.
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY deploy/debian/requirements.txt ./
COPY static static
COPY consoleproxy consoleproxy
# The libraries are those of the Debian package.
RUN python -m pip wheel --no-cache-dir --quiet --no-deps --wheel-dir dist . \
 && python -m venv /opt/consoleproxy \
 && /opt/consoleproxy/bin/python -m pip install --no-cache-dir --quiet --no-deps -r requirements.txt dist/*.whl

FROM python:${PYTHON_VERSION}-slim-bookworm
LABEL org.opencontainers.image.title="consoleproxy" \
      org.opencontainers.image.description="Console proxy for IaaS clouds: a VM's screen in the browser, without its password" \
      org.opencontainers.image.licenses="Apache-2.0"
# Routes to hypervisors, and the firewall of `consoleproxy agent`; either takes CAP_NET_ADMIN.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends iproute2 nftables \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 65532 -g 65532 /var/lib/consoleproxy
COPY --from=build /opt/consoleproxy /opt/consoleproxy
# websockify's engine warns without numpy, whose part Tornado's C function has here.
ENV PATH=/opt/consoleproxy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS="ignore:no 'numpy' module"
# Mount the keystore here as certs/, readable by this user. The agent's memory and the management
# server's SQLite database are here, too: mount a folder of this user's to keep them.
WORKDIR /var/lib/consoleproxy
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 8443
# The one of the two ports that is open; the certificate names the proxy's domain, not loopback.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["python", "-c", "import http.client as h, socket, ssl; plain = socket.socket().connect_ex(('127.0.0.1', 8080)) == 0; c = h.HTTPConnection('127.0.0.1', 8080, timeout=4) if plain else h.HTTPSConnection('127.0.0.1', 8443, timeout=4, context=ssl._create_unverified_context()); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["consoleproxy"]
CMD ["serve"]
