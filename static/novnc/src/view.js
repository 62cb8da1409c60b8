// What the page shows in a state: keys of the catalogue with their values. No DOM here.
//   { status, panel, end, buttons, next }
// `status` is what is announced; null leaves what is there. `panel` is the small box over the
// screen; its `retry` is null where there is nothing to try, and with `connect` the one thing to do
// is to begin. `next` is when there is something else to show though nothing has happened.
import { LOST } from "./machine.js";

const SLOW_MILLISECONDS = 1000;
// A console that is back within this was not worth a word.
const CALM_MILLISECONDS = 400;

export function view(state, now, { host, secure }) {
  return VIEWS[state.name](state, now, { host, secure });
}

const VIEWS = {
  waiting: () => ({
    status: ["waiting"],
    panel: { title: ["waiting"], detail: ["waiting.detail"], connect: true, retry: null },
  }),

  connecting({ since, opened, answered }, now, { host }) {
    if (now < since + SLOW_MILLISECONDS) {
      return { status: ["connecting"], panel: null, next: since + SLOW_MILLISECONDS };
    }
    const awaited = answered
      ? ["awaits.screen"]
      : opened
        ? ["awaits.cloud"]
        : ["awaits.proxy", { host }];
    return { status: awaited, panel: { title: ["connecting"], detail: awaited, retry: null } };
  },

  connected: (_, __, { secure }) => ({
    status: [secure ? "connected.secure" : "connected"],
    panel: null,
    open: true,
  }),

  reconnecting(state, now) {
    const { since, cause } = state;
    if (now < since + CALM_MILLISECONDS) {
      return { status: null, panel: null, next: since + CALM_MILLISECONDS };
    }
    const status = [cause === LOST ? "dropped.connection" : "dropped.screen"];
    const [detail, next] = progress(state, now);
    const retry = state.waits === "proxy" ? null : state.waits === "pause";
    return { status, panel: { title: ["reconnecting"], detail, retry }, next };
  },

  ended: ({ end }) => ({ status: ["ended"], panel: null, end }),
};

function progress({ waits, attempts, tryAt }, now) {
  if (waits === "proxy") return [["reconnecting.screen"]];
  if (waits === "attempt") return [["reconnecting.now", { attempt: attempts }]];
  const n = Math.max(1, Math.ceil((tryAt - now) / 1000));
  return [["reconnecting.next", { n, attempt: attempts + 1 }], tryAt - (n - 1) * 1000];
}
