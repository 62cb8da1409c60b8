// Calls back as soon as noVNC has painted into its canvas, if it stays in the page until then: what
// it has not painted is transparent. The pixel is copied first, as a canvas that is read itself is
// moved out of the graphics card.
export function whenPainted(canvas, then) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const look = () => {
    if (!canvas.isConnected) return;
    if (canvas.width) probe.drawImage(canvas, 0, 0, 1, 1, 0, 0, 1, 1);
    if (probe.getImageData(0, 0, 1, 1).data[3]) then();
    else requestAnimationFrame(look);
  };
  look();
}
