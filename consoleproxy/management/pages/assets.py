"""What the pages are made of: templates, the style, and the pages that the head leads to."""

import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "style.css").read_bytes()
# With its hash, so that a browser may keep it and still has the new one after an update.
STYLE_URL = f"/style.css?v={hashlib.sha256(STYLE).hexdigest()[:12]}"

NAVIGATION = (
    ("/", "Overview"),
    ("/proxies", "Proxies"),
    ("/sessions", "Sessions"),
    ("/machines", "Machines"),
    ("/settings", "Settings"),
    ("/certificates", "Certificates"),
)
