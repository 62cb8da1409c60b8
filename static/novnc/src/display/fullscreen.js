// In full screen the bar goes by itself: the screen is the machine's. Its folding button stays, and
// the ways of the keyboard lead to it as ever.
const MILLISECONDS = 3000;

export function attendFullScreen() {
  const [bar, full, foldButton, tool] = ["bar", "full", "fold", "tool"].map((id) =>
    document.getElementById(id),
  );
  let timer = 0;
  let before = false;

  const fold = (on) => {
    bar.classList.toggle("folded", on);
    foldButton.setAttribute("aria-expanded", String(!on));
  };

  // Who is at the bar, or has a tool open, is not done with it.
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!document.fullscreenElement) return;
      if (!tool.hidden || bar.matches(":hover, :focus-within")) later();
      else fold(true);
    }, MILLISECONDS);
  };

  const follow = () => {
    const on = Boolean(document.fullscreenElement);
    full.setAttribute("aria-pressed", String(on));
    if (on) {
      before = bar.classList.contains("folded");
      later();
    } else {
      clearTimeout(timer);
      fold(before);
    }
  };
  document.addEventListener("fullscreenchange", follow);
  // Who was quick was there before this part of the page.
  if (document.fullscreenElement) follow();
}
