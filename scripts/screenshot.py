"""Take the README's picture from a running server with the sample knowledge.

KMS_DEMO_PASSWORD=… .venv/bin/python scripts/screenshot.py http://127.0.0.1:8000
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

TARGET = Path(__file__).parents[1] / "docs" / "images" / "search.png"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main(address: str, password: str) -> None:
    """An agent's search page with the best answer open."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.goto(f"{address}/login")
        page.fill("input[name=login]", "A1001")
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/search*")
        page.goto(f"{address}/search?q=光猫红灯一直闪，上不了网")
        expect(page.locator(".find-article .speak")).to_be_visible()
        page.screenshot(path=TARGET)
        browser.close()


main(sys.argv[1], os.environ["KMS_DEMO_PASSWORD"])
