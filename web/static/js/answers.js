// What a refused request says, in words for people.

export function wordsFor(status) {
  if (status === 0) return "没连上服务器，请检查网络";
  if (status === 403) return "没有权限，请联系班长或管理员";
  if (status === 404) return "没有找到，可能已被删除或移动";
  if (status === 413) return "内容太大了";
  if (status === 429) return "操作太频繁，请稍等再试";
  if (status >= 500) return "系统出错了，请稍后重试";
  return "没有成功，请重试";
}

/** The sentence in an error page or fragment, or the empty string. */
export function saidIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-error]")?.dataset.error || page.querySelector("[role=alert]")?.textContent.trim() || "";
}

/** The problem document of a refused response; from a page, one with just its sentence. */
export async function problemOf(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("json")) return response.json().catch(() => ({}));
  return { detail: saidIn(await response.text()) };
}
