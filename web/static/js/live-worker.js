// One line to the server for all tabs of a browser (browsers allow six connections to a host over HTTP/1.1).
import { openLine } from "./line.js";

const ports = new Set();
let close = null;
let state = null;
let opened = "";

function tell(message) {
  if (message.kind !== "event") state = message;
  for (const port of ports) port.postMessage(message);
}

function leave(port) {
  ports.delete(port);
  if (ports.size) return;
  close?.();
  close = state = null;
}

function join(port, { url, names, login }) {
  ports.add(port);
  // Another person logged in at this browser: the old line is not theirs.
  if (close && opened !== login) {
    close();
    close = state = null;
  }
  opened = login;
  if (state) port.postMessage(state);
  close ??= openLine(url, names, tell);
}

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => (data === "leave" ? leave(port) : join(port, data));
};
