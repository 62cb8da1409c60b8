"""A boot sector that shows every key on a VGA text screen.

It is assembled from ``tests/guests/echo.asm``, so that a demo needs no assembler: prints
``READY>``, echoes keys, Escape clears the screen, F1 to F7 colour it.
"""

_SECTOR_BYTES = 512
_BIOS_SIGNATURE = b"\x55\xaa"
_CODE = bytes.fromhex(
    "fa31c08ed88ec08ed0bc007cfbfcb00ae6e9b307b80300cd10b401b90726cd10b803105331dbcd105bb8000688df31c9"
    "ba4f18cd10bea77cac84c07405e84400ebf630e4cd1650e8450088e0e84000b00ae6e9583c1b7504b307ebb888e280ea"
    "3b80fa07730c88d3fec3c0e30480cb0feba284c074cce80b003c0d75c5b00ae80200ebbe5053b40e30ffcd105b58c350"
    "c0e804e809005850240fe8020058c33c0a1c692fe6e9c352454144593e"
)

BOOT_SECTOR = _CODE.ljust(_SECTOR_BYTES - len(_BIOS_SIGNATURE), b"\0") + _BIOS_SIGNATURE
