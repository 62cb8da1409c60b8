// Runs in a page before its own scripts: notes when its websocket and its canvas get on, with times
// in milliseconds since the navigation began.
(() => {
  const steps = [];
  const note = (name) => steps.push([name, performance.now()]);
  let sockets = 0;
  // Not a subclass: noVNC looks for a socket's methods on its own prototype.
  window.WebSocket = new Proxy(WebSocket, {
    construct(target, given) {
      const socket = new target(...given);
      sockets += 1;
      note("websocket begun");
      socket.addEventListener("open", () => note("websocket open"));
      socket.addEventListener("message", ({ data }) => note(`${data.byteLength} bytes received`));
      return socket;
    },
  });
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    note(`${data.byteLength ?? data.length} bytes sent`);
    send.call(this, data);
  };

  const shows = (canvas) => {
    if (!canvas.width || !canvas.height) return false;
    const middle = [canvas.width >> 1, canvas.height >> 1];
    const { data } = canvas.getContext("2d").getImageData(...middle, 1, 1);
    return data.slice(0, 3).some((value) => value);
  };
  const seen = () => {
    note("first frame");
    const seconds = performance.now() / 1000;
    const [page] = performance.getEntriesByType("navigation");
    const fetched = performance.getEntriesByType("resource");
    const script = fetched.findLast((entry) => entry.initiatorType === "script");
    steps.push(
      ["page: TCP begun", page.connectStart],
      ["page: asked for", page.requestStart],
      ["page: first byte", page.responseStart],
      ["page: parsed", page.domInteractive],
    );
    if (script) {
      steps.push(
        ["last script: asked for", script.requestStart],
        ["last script: first byte", script.responseStart],
        ["last script: whole", script.responseEnd],
      );
    }
    return {
      seconds,
      at: performance.timeOrigin + seconds * 1000,
      // What came out of the cache has no size.
      requests: sockets + [page, ...fetched].filter((entry) => entry.transferSize).length,
      steps: steps.sort((one, other) => one[1] - other[1]),
    };
  };
  window.firstFrame = new Promise((done) => {
    const look = () => {
      if ([...document.querySelectorAll("canvas")].some(shows)) done(seen());
      else requestAnimationFrame(look);
    };
    look();
  });
})();
