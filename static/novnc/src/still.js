// The last picture of a screen that dropped: it stays behind the new one until that one has a
// picture of its own.
import { whenPainted } from "./painted.js";

export class Still {
  constructor(screen) {
    this._screen = screen;
    this._box = null;
  }

  // Copies the picture that noVNC shows now, in its place. What is still here is the latest one.
  // `fit`: it is scaled to the window, and so is the copy.
  take(fit) {
    const canvas = this._screen.querySelector("canvas");
    if (this._box || !canvas?.width) return;
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    copy.style.width = canvas.style.width;
    copy.style.height = canvas.style.height;
    copy.style.imageRendering = canvas.style.imageRendering;
    copy.getContext("2d").drawImage(canvas, 0, 0);
    const { scrollLeft, scrollTop } = canvas.parentElement;
    this._box = document.createElement("div");
    this._box.className = fit ? "still fit" : "still";
    this._box.append(copy);
    this._screen.prepend(this._box);
    this._box.scrollTo(scrollLeft, scrollTop);
  }

  // Goes as soon as noVNC has painted.
  giveWay() {
    if (!this._box) return;
    const canvas = this._screen.lastElementChild.firstElementChild;
    whenPainted(canvas, () => {
      if (!this._box) return;
      canvas.parentElement.scrollTo(this._box.scrollLeft, this._box.scrollTop);
      this.remove();
    });
  }

  remove() {
    this._box?.remove();
    this._box = null;
  }
}
