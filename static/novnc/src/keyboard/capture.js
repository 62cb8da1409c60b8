// In full screen a browser can leave nearly all keys to the page, with the Keyboard Lock API:
// https://wicg.github.io/keyboard-lock/

// The way out is said once; the browser shows it each time.
let told = false;

// "yes", or why not: the page is not encrypted, or the browser has no such thing.
export function canCapture() {
  if (navigator.keyboard?.lock) return "yes";
  return isSecureContext ? "browser" : "insecure";
}

export function captures(desk) {
  return desk.preferences.get("capture") ?? true;
}

// Captures the keys now and in each full screen to come, as far as the person wants that.
export async function capture(desk) {
  if (canCapture() !== "yes") return;
  if (!document.fullscreenElement || !captures(desk)) {
    navigator.keyboard.unlock();
    return;
  }
  try {
    await navigator.keyboard.lock();
    if (!told && document.fullscreenElement) desk.announce("keys.captured");
    told = true;
  } catch (error) {
    // The page is in a frame that may not, or the person said no.
    console.warn(error);
    desk.announce("keys.not-captured");
  }
}
