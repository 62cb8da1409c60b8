"""Private key and certificates of the console port: read, checked, and made into a TLS context.

Data goes one way::

    armour -> pem -> chain -> model.Keystore -> validity -> context

``armour`` finds the PEM blocks in files of any make, ``pem`` reads the key and the certificates
out of them, ``strength`` turns weak ones away, ``chain`` finds the server certificate and links it
up to its root, ``validity`` checks the result against a date and a domain, and ``context`` makes
an ``ssl.SSLContext`` of it. ``port`` decides 8443 or 8080. ``development`` makes a root, an
intermediate and a server certificate to try all this out with.
"""

# CloudStack's name of the row that holds the server certificate and its key in table `keystore`.
SERVER_CERTIFICATE_NAME = "CPVMCertificate"
