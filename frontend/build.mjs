// Bundles the front end into src/turnus/static/dist: hashed names, a manifest, compressed copies, the icons we name as one file.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = "../src/turnus/static/dist";

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });

const result = await build({
  entryPoints: ["src/app.js", "src/charts.js", "src/style.css"],
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: false,
  metafile: true,
  outdir: DIST,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "linked",
});

const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = relative(DIST, path);
}

// Pages name an icon (<use href="...#name">); its shape travels once, not with every button.
const names = (await readFile("icons.txt", "utf8")).split("\n").map((line) => line.trim()).filter(Boolean);
const symbols = [];
for (const name of names) {
  const svg = await readFile(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const shape = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${shape}</symbol>`);
}
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
const digest = createHash("sha256").update(sprite).digest("hex").slice(0, 8).toUpperCase();
manifest["icons.svg"] = `icons-${digest}.svg`;
await writeFile(join(DIST, manifest["icons.svg"]), sprite);
await writeFile(join(DIST, "icons.json"), JSON.stringify(names));

await writeFile(join(DIST, "manifest.json"), JSON.stringify(manifest));

for (const name of await readdir(DIST)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const bytes = await readFile(join(DIST, name));
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  await writeFile(join(DIST, `${name}.br`), brotliCompressSync(bytes, brotli));
  await writeFile(join(DIST, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}

// Whoever passes on the work of others passes on their licenses: those of every package that something was taken from.
const taken = new Set(["@tabler/icons"]);
for (const path of Object.keys(result.metafile.inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) taken.add(found[1]);
}
await mkdir(join(DIST, "licenses"));
for (const name of [...taken].sort()) {
  const entries = await readdir(`node_modules/${name}`, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)\b/i.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  if (!files.length) throw new Error(`${name} has no license file`);
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  await writeFile(join(DIST, "licenses", `${name.replace("@", "").replace("/", "-")}.txt`), texts.join("\n\n"));
}
