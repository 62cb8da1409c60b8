// Builds the viewer into consoleproxy/front/novnc: one page with its style inline, one script with
// its hash in its name, others like it that are imported when they are wanted, all of them also
// compressed, and a manifest by which they are served.
// The argument is a hash of all inputs, kept in the manifest to tell whether a build is current.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, transformSync } from "esbuild";
import { SETUP } from "./src/opening.js";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "..", "..", "consoleproxy", "front", "novnc");
const source = (name) => readFileSync(join(here, name), "utf8");
const sha256 = (data, form) => createHash("sha256").update(data).digest(form);
const cspHash = (text) => `sha256-${sha256(text, "base64")}`;

// The proxy lets a viewer in without a password: noVNC's ciphers and hashes are never asked for. And
// what is copied needs no compression.
const lighter = {
  name: "lighter",
  setup({ onLoad }) {
    onLoad({ filter: /core\/(ra2|crypto\/crypto)\.js$/ }, () => ({ contents: "export default null" }));
    onLoad({ filter: /core\/deflator\.js$/ }, () => ({ contents: source("src/stored.js") }));
  },
};

// Each file that comes later is a request, and maybe a TLS handshake. What behind.js has is there
// before anything else is wanted: whoever shares a module with it is told to need all of it, and so
// that stays one file.
const behind = join(here, "src", "behind.js");
const together = {
  name: "together",
  setup({ onLoad }) {
    const filter = /src\/(tools\/[a-z]+|touch\/touch|embed\/typing|keyboard\/(conversion|striker))\.js$/;
    onLoad({ filter }, ({ path }) => ({
      contents: `import ${JSON.stringify(behind)};\n${readFileSync(path, "utf8")}`,
      resolveDir: dirname(path),
    }));
  },
};

const bundle = await build({
  entryPoints: [join(here, "src", "viewer.js")],
  bundle: true,
  splitting: true,
  outdir: output,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  // A part's own style, which it puts into document.adoptedStyleSheets.
  loader: { ".css": "text" },
  plugins: [lighter, together],
  banner: { js: "/*! Contains noVNC (MPL-2.0, https://github.com/novnc/noVNC): LICENSE.txt */" },
  write: false,
});
// What portals load: one script with a name that stays.
const element = await build({
  entryPoints: [join(here, "src", "embed", "element.js")],
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  banner: { js: "/*! consoleproxy (Apache-2.0): docs/viewer/embedding.md */" },
  write: false,
});
const scripts = bundle.outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]);
const isEntry = ([, { entryPoint }]) => entryPoint?.endsWith("src/viewer.js");
const [scriptPath, { imports }] = Object.entries(bundle.metafile.outputs).find(isEntry);
const scriptName = basename(scriptPath);
// One more request, and one after the other, before the first picture: what both import is put into
// a file of its own. A part that is imported later is handed what it needs.
if (imports.some(({ kind }) => kind === "import-statement")) {
  throw new Error("the viewer and a part that it imports later share a module");
}
const opening = Buffer.from(SETUP).toString("base64url");
// What is said where the viewer's script is missing, and with it the catalogues.
const texts = Object.entries(JSON.parse(source("src/early.json")));
const failures = texts.map(([language, { failed, advice }]) => {
  const { console, ended } = JSON.parse(source(`src/languages/${language}/page.json`));
  return [language, { name: console, status: ended, reason: failed, advice }];
});
const early = transformSync(source("src/early.js").replace("/*OPENING*/", opening), {
  minify: true,
  charset: "utf8",
  target: "es2022",
}).code.trim();
const noscript = texts.map(([language, { noscript }]) => `<p lang="${language}">${noscript}</p>`);
const style = transformSync(source("src/style.css"), { minify: true, loader: "css" }).code.trim();
const page = source("vnc.html")
  .replace("/*EARLY*/", () => early)
  .replace("/*STYLE*/", () => style)
  .replace("/*VIEWER*/", scriptName)
  .replace("/*NOSCRIPT*/", () => noscript.join(""));

// noVNC's files carry their notices in comments that a minified script does not keep.
function licences() {
  const novnc = (name) => source(`node_modules/@novnc/novnc/${name}`);
  return [
    novnc("LICENSE.txt"),
    novnc("docs/LICENSE.MPL-2.0"),
    `vendor/pako\n\n${novnc("vendor/pako/LICENSE")}`,
  ].join(`\n${"=".repeat(78)}\n\n`);
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const files = [];
function emit(name, type, data, { immutable = false, shared = false } = {}) {
  writeFileSync(join(output, name), data);
  writeFileSync(join(output, `${name}.gz`), gzipSync(data, { level: 9 }));
  writeFileSync(join(output, `${name}.br`), brotliCompressSync(data));
  files.push({ name, type, immutable, shared, sha256: sha256(data, "hex") });
}
emit("vnc.html", "text/html; charset=utf-8", Buffer.from(page));
for (const [name, script] of scripts) emit(name, "text/javascript; charset=utf-8", script, { immutable: true });
emit(
  "console-viewer.js",
  "text/javascript; charset=utf-8",
  Buffer.from(element.outputFiles[0].contents),
  { shared: true },
);
emit("failures.json", "application/json", Buffer.from(JSON.stringify(Object.fromEntries(failures))));
emit("LICENSE.txt", "text/plain; charset=utf-8", Buffer.from(licences()));
writeFileSync(
  join(output, "manifest.json"),
  JSON.stringify(
    { inputs: process.argv[2], files, script: cspHash(early), style: cspHash(style) },
    null,
    2,
  ),
);
