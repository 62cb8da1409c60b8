// What a person is told when a console ends: what happened, the one thing to do, and whether the
// same link is worth another try.
const AGAIN = "Open the console again from the cloud's page.";
const GOING_AWAY = 1001;
const LOST = 1006;
const TAKEN = 4409;

// Ends about which the proxy said nothing.
const UNSAID = {
  1000: { reason: "The console was closed.", advice: AGAIN },
  1001: { reason: "The console proxy is going out of service.", advice: AGAIN },
  1006: {
    reason: "The connection to the console was lost.",
    advice: "Check this computer's network, and try again.",
    retry: true,
  },
};

export function ending({ code, reason, host, opened, connected, secure }) {
  if (!opened) {
    return {
      reason: `The console proxy at ${host} cannot be reached.`,
      advice:
        "Check that this computer may connect to that address: firewall, VPN, proxy" +
        (secure ? ", and whether the browser trusts its certificate." : "."),
      retry: true,
    };
  }
  if (!reason) return UNSAID[code] ?? { reason: "The console ended unexpectedly.", advice: AGAIN };
  // A refusal says itself what to do, and asks to try again only where the proxy has kept the link
  // good; the end of an open console has used it up.
  const retry = /\btry again\b/i.test(reason);
  const spent = connected && !retry && code !== GOING_AWAY;
  return { reason, advice: spent ? AGAIN : "", retry };
}

// A console that dropped, was tried again, and is given up: its link was good for a while only.
// `cause` is the close code by which it dropped.
export function givenUp(cause) {
  return {
    reason:
      cause === LOST ? UNSAID[LOST].reason : "The machine's screen did not come back.",
    advice: AGAIN,
  };
}

// Whether a refusal says that the link's time has passed, and not that somebody else has come.
export function isSpent({ code, reason }) {
  return code === TAKEN && /\balready used\b/i.test(reason);
}
