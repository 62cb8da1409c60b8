"""Private key and certificates of the console port: read, checked, and made into a TLS context.

Data goes one way::

    armour, repair -> blocks ─┐
                         jks ─┼─> contents -> pem, rows -> chain -> model.Keystore -> validity
                      pkcs12 ─┘                  |                                 -> context
                                               upload

``armour`` finds the PEM blocks in files of any make and ``repair`` undoes what URL encoding does to
them; ``blocks``, ``jks`` and ``pkcs12`` read key and certificates, each out of one form. ``pem``
takes files of any form, ``rows`` the rows of CloudStack's table. ``strength`` turns weak keys and
signatures away, ``chain`` finds the server certificate and links it up to its root by ``links``,
``validity`` checks the result against a date and a domain, and ``context`` makes an
``ssl.SSLContext`` of it. ``upload`` decides what a new row does to the table. ``files`` is a source
that may change, ``port`` decides 8443 or 8080, and ``development`` makes a root, an intermediate
and a server certificate to try all this out with.
"""

# CloudStack's name of the row that holds the server certificate and its key in table `keystore`.
SERVER_CERTIFICATE_NAME = "CPVMCertificate"
