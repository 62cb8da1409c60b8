"""A CPVM's question for the keystore, and the answer, which only the shared secret opens."""

import json
from dataclasses import dataclass, field

from consoleproxy.management.channel.document import Document
from consoleproxy.management.storage.sealing import HAND_OVER, seal, unseal


def keystore_request(proxy: str) -> str:
    """Return the body of ``POST /cpvm/keystore``."""
    return json.dumps({"proxy": proxy})


def read_keystore_request(text: bytes) -> str:
    """Return the name of the CPVM that asks.

    Raises:
        ValueError: it is no such question.
    """
    return Document(text).text("proxy")


@dataclass(frozen=True, slots=True)
class HandedKeystore:
    """The keystore that CPVMs serve.

    Args:
        version: changes with every new keystore; empty while there is none.
        pem: PKCS#8 key, server certificate, intermediates, root; empty while there is none.
    """

    version: str = ""
    pem: bytes = field(default=b"", repr=False)

    def to_json(self, secret: str) -> str:
        """Return the answer to ``POST /cpvm/keystore``."""
        sealed = seal(self.pem, secret, HAND_OVER, self.version) if self.version else ""
        return json.dumps({"keystoreVersion": self.version, "keystore": sealed})

    @classmethod
    def from_json(cls, text: bytes, secret: str) -> "HandedKeystore":
        """Read such an answer.

        Raises:
            ValueError: it is not one, or was sealed under another secret.
        """
        document = Document(text)
        version, sealed = document.text("keystoreVersion"), document.text("keystore")
        return cls(version, unseal(sealed, secret, HAND_OVER, version)) if version else cls()
