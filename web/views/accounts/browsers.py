"""Browsers in words, so that people know their own log-ins."""

import re

# Each pretends to be those after it.
_BROWSERS = (
    (r"Edg\w*/(\d+)", "Edge"),
    (r"(?:QQBrowser|MQQBrowser)/(\d+)", "QQ 浏览器"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"Chrom\w*/(\d+)", "Chrome"),
    (r"Version/(\d+).*Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """`Chrome 156 · Windows`; the beginning of the text when it is none that we know."""
    found = ((re.search(pattern, user_agent), name) for pattern, name in _BROWSERS)
    browser = next((f"{name} {match[1]}" for match, name in found if match), user_agent[:40] or "未知浏览器")
    system = next((name for word, name in _SYSTEMS if word in user_agent), "")
    return f"{browser} · {system}" if system else browser
