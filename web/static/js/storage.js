// localStorage that may be full or blocked: then nothing is kept and nothing breaks.
export function load(key, otherwise = null) {
  try {
    const found = localStorage.getItem(key);
    return found === null ? otherwise : JSON.parse(found);
  } catch {
    return otherwise;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    /* blocked: there is nothing to forget */
  }
}
