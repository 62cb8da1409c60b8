"""What people need of the viewer's page: their own colours, large letters, the other direction."""

from typing import Any

from selenium.webdriver import Chrome

# A language that is written from right to left, of English words: each letter becomes a Hebrew one.
MIRRORED = """
const letters = "אבגדהוזחטיכלמנסעפצקרשתךם";
const strange = (text) => text.replace(/[a-z]/gi, (letter) =>
  letters[(letter.toLowerCase().charCodeAt(0) - 97) % letters.length]);
const mirror = () => {
  const root = document.documentElement;
  if (!root) return;
  if (root.dir !== "rtl") root.dir = "rtl";
  const nodes = document.createTreeWalker(document.body ?? root, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const { currentNode: node } = nodes;
    if (node.parentElement.closest("script, style, noscript, #screen")) continue;
    const text = strange(node.data);
    if (text !== node.data) node.data = text;
  }
};
new MutationObserver(mirror).observe(document, {
  attributeFilter: ["dir"], childList: true, characterData: true, subtree: true,
});
"""
# What is cut off, or out of the window where nothing scrolls.
_CUT = """
const nodes = document.querySelectorAll("#panel *, #ended *, #tool button, #actions button");
const cut = [...nodes].filter((node) => node.checkVisibility() && node.clientWidth > 1
  && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "auto");
return cut.map((node) => node.outerHTML);
"""


def emulate(driver: Chrome, **features: str) -> None:
    """Have the browser answer media queries so, such as ``forced_colors="active"``."""
    wanted: list[dict[str, Any]] = [
        {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})


def cut_off(driver: Chrome) -> list[str]:
    """Return the elements whose words do not fit into them."""
    found: list[str] = driver.execute_script(_CUT)
    return found
