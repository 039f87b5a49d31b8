// What a file is, and whether it may be sent: said before it travels. The server looks again.

const KINDS = {
  "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF", "image/avif": "AVIF",
  "image/heic": "HEIC", "image/tiff": "TIFF", "image/bmp": "BMP", "video/mp4": "MP4",
  "video/quicktime": "MOV", "video/webm": "WebM", "video/x-matroska": "MKV",
};
const PATIENCE = 5000; // milliseconds for a browser that may not know a clip's coding

const number = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

const SPACE = "\u00a0"; // a number and its unit stay on one line

/** 20971520 → "21 MB". */
export const size = (bytes) => (bytes < 1e5 ? `${number.format(bytes / 1e3)}${SPACE}kB`
  : `${number.format(bytes < 1e7 ? bytes / 1e6 : Math.round(bytes / 1e6))}${SPACE}MB`);

/** 90 → "1 min 30 s", 3600 → "1 h". */
export function time(seconds) {
  if (seconds < 60) return `${number.format(seconds)}${SPACE}s`;
  const [unit, most, rest] = seconds < 3600 ? ["min", 60, "s"] : ["h", 3600, "min"];
  const over = Math.round((seconds % most) / (most / 60));
  return `${Math.floor(seconds / most)}${SPACE}${unit}${over ? ` ${over}${SPACE}${rest}` : ""}`;
}

const megapixels = (pixels) => `${number.format(pixels / 1e6)}${SPACE}megapixels`;

const kindOf = (type) => (type.startsWith("video/") || type === "image/gif" ? "clip" : "picture");

const names = (types, kind) => types.filter((type) => kindOf(type) === kind)
  .map((type) => KINDS[type] ?? type.split("/")[1].toUpperCase());

const either = (words) => [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" or ");

/** What may be sent, in a sentence or two. */
export function allowed(limits) {
  const pictures = `${either(names(limits.types, "picture"))} up to ${size(limits.picture_bytes)} and ${megapixels(limits.pixels)}`;
  const clips = `clips as ${either(names(limits.types, "clip"))} up to ${size(limits.clip_bytes)} and ${time(limits.seconds)}`;
  return `${pictures}; ${clips}`;
}

/** The type by a file's first bytes; its name may lie. */
function sniff(head) {
  const text = String.fromCharCode(...head);
  const brand = text.slice(8, 12);
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("RIFF") && brand === "WEBP") return "image/webp";
  if (text.startsWith("GIF8")) return "image/gif";
  if (text.startsWith("BM")) return "image/bmp";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return "image/tiff";
  if (text.startsWith("\x1a\x45\xdf\xa3")) return text.includes("webm") ? "video/webm" : "video/x-matroska";
  if (text.slice(4, 8) !== "ftyp") return "";
  if (/^avi[fs]/.test(brand)) return "image/avif";
  if (/^(hei|hev|mif1|msf1)/.test(brand)) return "image/heic";
  return brand === "qt  " ? "video/quicktime" : "video/mp4";
}

/** Kind, address in this browser, width, height of a file; an Error in clear words if it may not be sent. */
export async function examine(file, limits) {
  let head;
  try { head = new Uint8Array(await file.slice(0, 64).arrayBuffer()); } catch {
    throw new Error("It cannot be read; a folder’s files have to be dropped one by one.");
  }
  if (!head.length) throw new Error("It is empty.");
  const type = sniff(head);
  const can = `Send ${either([...names(limits.types, "picture"), ...names(limits.types, "clip")])}.`;
  if (!type) throw new Error(`It is neither a picture nor a clip. ${can}`);
  if (!limits.types.includes(type)) throw new Error(`${KINDS[type]} cannot be drawn. ${can}`);
  const kind = kindOf(type);
  const most = limits[`${kind}_bytes`];
  if (file.size > most) {
    throw new Error(`It has ${size(file.size)}; a ${kind} may have ${size(most)}. Send a smaller one.`);
  }
  const url = URL.createObjectURL(file);
  try {
    return { kind, type, url, ...await (type.startsWith("image/") ? picture(url, limits) : clip(url, limits)) };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

async function picture(url, limits) {
  const image = new Image();
  image.src = url;
  try { await image.decode(); } catch { throw new Error("It is damaged: it cannot be opened as a picture."); }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > limits.pixels) {
    throw new Error(`It has ${width} × ${height} pixels, which is more than ${megapixels(limits.pixels)}. Reduce it first.`);
  }
  return { width, height };
}

// A browser need not know how a clip is coded; then the server decides.
async function clip(url, limits) {
  const video = document.createElement("video");
  video.preload = "metadata";
  video.muted = true;
  const known = await new Promise((resolve) => {
    video.onloadedmetadata = () => resolve(true);
    video.onerror = () => resolve(false);
    setTimeout(resolve, PATIENCE, false);
    video.src = url;
  });
  const { duration, videoWidth: width, videoHeight: height } = video;
  video.removeAttribute("src");
  video.load();
  if (known && Number.isFinite(duration) && duration > limits.seconds + 0.5) {
    throw new Error(`It lasts ${time(Math.round(duration))}; a clip may last ${time(limits.seconds)}. Cut it first.`);
  }
  if (known && width * height > limits.frame_pixels) {
    throw new Error(`Its frames have ${width} × ${height} pixels, which is more than ${megapixels(limits.frame_pixels)}. Reduce it first.`);
  }
  return { width: width || null, height: height || null };
}
