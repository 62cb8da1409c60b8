// What this session is and how good its connection is, for the person and for who helps them.
import english from "../languages/en/session.json";
import { browserLeg, guestLeg, length } from "../session/facts.js";
import { gaugeOf } from "../session/gauge.js";
import { make, speak } from "./dom.js";
import css from "./session.css";

export const title = "tool.session";

const EVERY_MILLISECONDS = 1000;
const ROWS = [
  ...["machine", "length", "quality", "round-trip", "reaction", "pictures", "bandwidth"],
  ...["browser", "guest", "id"],
];

const style = new CSSStyleSheet();
style.replaceSync(css);

export function open(desk, box) {
  desk.words.learn(english);
  if (!document.adoptedStyleSheets.includes(style)) document.adoptedStyleSheets.push(style);
  const gauge = gaugeOf(desk);
  const values = new Map(ROWS.map((row) => [row, make("span", { id: `session-${row}` })]));
  // It goes on all the time: it is read where somebody asks for it, and not out.
  values.get("length").setAttribute("role", "timer");
  const copy = make("button", { type: "button", id: "session-copy", text: "session.copy" });
  copy.addEventListener("click", () => copyId(desk, values.get("id")));
  const list = make("dl", { class: "facts" });
  for (const row of ROWS) {
    const value = make("dd", {}, values.get(row), ...(row === "id" ? [copy] : []));
    const name = make("dt", { text: `session.${row}` });
    list.append(make("div", { class: row === "id" ? "wide" : "" }, name, value));
  }
  box.append(list);

  let reading = {};
  const show = () => {
    const { facts } = gauge;
    const shown = { ...describe(desk, facts, reading) };
    const unknown = desk.words.text("session.unknown");
    shown.machine = desk.name || desk.words.text("console");
    shown.length = gauge.began === null ? unknown : length(Date.now() - gauge.began);
    shown.id = facts?.session ?? unknown;
    copy.hidden = !facts;
    for (const [row, node] of values) {
      if (node.textContent !== shown[row]) node.textContent = shown[row];
    }
    values.get("quality").dataset.quality = reading.quality ?? "";
  };
  const unspeak = speak(desk, box);
  desk.addEventListener("words", show);
  const leave = gauge.watch(
    (measured) => {
      reading = measured;
      show();
    },
    EVERY_MILLISECONDS,
    { pictures: true },
  );
  return () => {
    leave();
    unspeak();
    desk.removeEventListener("words", show);
  };
}

function describe(desk, facts, { quality, roundTrip, reaction, pictures, bandwidth }) {
  const { words } = desk;
  const say = ([key, values]) => words.text(key, values);
  const unknown = words.text("session.unknown");
  const number = (value, options) => new Intl.NumberFormat(words.language, options).format(value);
  const known = (value, tell) => (typeof value === "number" ? tell(value) : unknown);
  const time = (value) => number(value, { ...unit("millisecond"), maximumFractionDigits: 0 });
  return {
    quality: quality ? words.text(`session.is.${quality}`) : unknown,
    "round-trip": known(roundTrip, time),
    reaction: known(reaction, time),
    pictures: known(pictures, (value) =>
      words.text("session.rate", { n: number(value, { maximumFractionDigits: value < 10 ? 1 : 0 }) }),
    ),
    bandwidth: known(bandwidth, (value) =>
      value < 1e6
        ? number(value / 1e3, { ...unit("kilobit-per-second"), maximumFractionDigits: 0 })
        : number(value / 1e6, { ...unit("megabit-per-second"), maximumFractionDigits: 1 }),
    ),
    browser: say(browserLeg(facts, location.protocol === "https:")),
    guest: say(guestLeg(facts)),
  };
}

const unit = (name) => ({ style: "unit", unit: name });

// Without https a page has no clipboard of its own: what is selected is copied the older way.
async function copyId(desk, node) {
  let copied = false;
  try {
    await navigator.clipboard.writeText(node.textContent);
    copied = true;
  } catch {
    getSelection().selectAllChildren(node);
    copied = document.execCommand("copy");
  }
  desk.announce(copied ? "session.copied" : "session.select");
}
