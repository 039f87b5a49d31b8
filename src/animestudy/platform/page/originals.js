// The originals, in this browser only: the server keeps none, and a reload should not lose the comparison.

const TABLE = "originals";
const MINUTE = 60_000;

const opened = new Promise((resolve) => {
  try {
    const request = indexedDB.open("animestudy", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null); // a private window may have no storage: the page works without
  } catch {
    resolve(null);
  }
});

/** What `does` asks of the table; undefined where there is no storage or no room in it. */
async function table(mode, does) {
  const base = await opened;
  if (!base) return undefined;
  return new Promise((resolve) => {
    const transaction = base.transaction(TABLE, mode);
    const request = does(transaction.objectStore(TABLE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => resolve(undefined);
  });
}

export const keep = (id, file) => table("readwrite", (store) => store.put({ file, at: Date.now() }, id));

export const recall = async (id) => (await table("readonly", (store) => store.get(id)))?.file;

export const forget = (id) => table("readwrite", (store) => store.delete(id));

/** Forget what belongs to no job any more; what is a minute old may be another window's. */
export async function tidy(ids) {
  const known = new Set(ids);
  for (const id of (await table("readonly", (store) => store.getAllKeys())) ?? []) {
    const entry = known.has(id) ? null : await table("readonly", (store) => store.get(id));
    if (entry && entry.at < Date.now() - MINUTE) await forget(id);
  }
}
