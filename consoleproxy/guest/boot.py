"""The demo's boot sector: says ``READY>`` and echoes keys; F1 to F7 change its colour.

Assembled from tests/guests/echo.asm, which a test compares it with: no assembler is needed to run
the demo.
"""

_SECTOR_BYTES = 512
_SIGNATURE = b"\x55\xaa"
_CODE = bytes.fromhex(
    "fa31c08ed88ec08ed0bc007cfbfcb307b80300cd10b401b90726cd10b803105331dbcd105bb80006"
    "88df31c9ba4f18cd10bea37cac84c07405e84400ebf630e4cd1650e8450088e0e84000b00ae6e958"
    "3c1b7504b307ebb888e280ea3b80fa07730c88d3fec3c0e30480cb0feba284c074cce80b003c0d75"
    "c5b00ae80200ebbe5053b40e30ffcd105b58c350c0e804e809005850240fe8020058c33c0a1c692f"
    "e6e9c352454144593e"
)

BOOT_SECTOR = _CODE.ljust(_SECTOR_BYTES - len(_SIGNATURE), b"\0") + _SIGNATURE
