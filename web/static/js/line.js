// One server-sent event line. After an HTTP error (a proxy's 503) a native EventSource stays dead and forgets where it was,
// so it is opened anew with growing pauses; the server then sends a full snapshot.
const PAUSES = [1000, 2000, 5000, 10000, 30000];

/** Open `url`; `tell` gets {kind: "up"}, {kind: "down", since} and {kind: "event", name, data}. Returns a function that closes. */
export function openLine(url, names, tell) {
  let source = null;
  let timer = 0;
  let failures = 0;
  let since = 0;

  const open = () => {
    source = new EventSource(url);
    source.onopen = () => {
      failures = since = 0;
      tell({ kind: "up" });
    };
    source.onerror = () => {
      since ||= Date.now();
      tell({ kind: "down", since });
      source.close();
      timer = setTimeout(open, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
    };
    for (const name of names) {
      source.addEventListener(name, ({ data }) => tell({ kind: "event", name, data }));
    }
  };

  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
