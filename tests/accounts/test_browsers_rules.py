import pytest

from web.views.accounts.browsers import browser_words

LIKE = "(KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 {LIKE} Chrome/156.0 Safari/537.36",
            "Chrome 156 · Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 {LIKE} Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge 156 · Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 · Linux"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) {LIKE} Version/19.0 Mobile Safari/604.1",
            "Safari 19 · iPhone",
        ),
        ("curl/8.1", "curl/8.1"),
        ("", "未知浏览器"),
    ],
)
def test_a_browser_is_named_as_people_name_it(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words
