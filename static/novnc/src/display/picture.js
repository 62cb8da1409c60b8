// A picture of the machine's screen, as a file and for the clipboard.

const PNG = "image/png";

// What a file's name cannot have on one system or another.
const UNFIT = /[\u0000-\u001f\u007f"*/:<>?\\|]+/g;
const NAME_CHARACTERS = 80;

// "web-1 2026-11-21 22.55.03.png", in the person's own time.
export function fileName(machine, date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(".");
  const name = machine.replace(UNFIT, " ").replace(/^[.\s]+|[.\s]+$/g, "").slice(0, NAME_CHARACTERS);
  return `${name ? `${name.trim()} ` : ""}${day} ${time}.png`;
}

// What was not painted yet is transparent: a picture elsewhere is on black, as a screen is.
function take({ rfb }) {
  const image = rfb.getImageData();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d");
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "destination-over";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), PNG),
  );
}

export async function savePicture(desk) {
  const url = URL.createObjectURL(await take(desk));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName(desk.name, new Date());
  link.click();
  // The browser reads the picture after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function mayCopy() {
  return Boolean(navigator.clipboard?.write && window.ClipboardItem);
}

// Whether the browser let it be done.
export async function copyPicture(desk) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [PNG]: take(desk) })]);
    return true;
  } catch (error) {
    console.warn(error);
    return false;
  }
}
