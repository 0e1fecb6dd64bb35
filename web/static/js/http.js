// Requests of our own scripts. They say HX-Request, so the server answers 401 instead of redirecting to the log-in page.
import { logInAgain } from "./session.js";

export class Refused extends Error {
  constructor(response, body) {
    super(body.detail || body.title || wordsFor(response.status));
    this.status = response.status;
    this.body = body;
  }
}

export function wordsFor(status) {
  if (status === 0) return "没连上服务器，请检查网络";
  if (status === 403) return "没有权限，请联系班长或管理员";
  if (status === 404) return "没有找到，可能已被删除或移动";
  if (status === 413) return "内容太大了";
  if (status === 429) return "操作太频繁，请稍等再试";
  if (status >= 500) return "系统出错了，请稍后重试";
  return "没有成功，请重试";
}

async function bodyOf(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("json")) return response.json().catch(() => ({}));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const said = page.querySelector("[data-error]")?.dataset.error ?? page.querySelector("[role=alert]")?.textContent;
  return { detail: said?.trim() ?? "" };
}

/** fetch that returns the good response, or throws Refused; an expired session is renewed in a dialog, then it tries again. */
export async function request(url, options = {}) {
  const headers = { "HX-Request": "true", Accept: "application/json, text/html;q=0.9", ...options.headers };
  const response = await fetch(url, { credentials: "same-origin", ...options, headers });
  if (response.ok) return response;
  if (response.status === 401 && options.renew !== false) {
    await logInAgain();
    return request(url, { ...options, renew: false });
  }
  throw new Refused(response, await bodyOf(response));
}

/** POST small JSON that must survive leaving the page; failures are nobody's business. */
export function report(url, body) {
  fetch(url, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true,
    headers: { "Content-Type": "application/json", "HX-Request": "true" },
    body: JSON.stringify(body),
  }).catch(() => {});
}
