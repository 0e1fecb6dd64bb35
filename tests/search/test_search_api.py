"""What the search API finds, for whom, and when."""

from kms.accounts.permissions import Role


def test_a_published_article_is_found_by_its_words_and_by_its_meaning(library, telecom, signed_in):
    code = library.publish(
        telecom, "光猫 LOS 灯红色常亮的处理", "请您先检查光纤接头有没有松动，再重启光猫。", questions=("光猫亮红灯",)
    )
    library.publish(telecom, "增值税发票的开具", "您可以在营业厅或线上开具增值税电子发票。")
    library.work()
    agent = signed_in("A1", Role.AGENT)
    for words in ("光猫红灯", "家里上不了网，设备闪红光"):
        answer = agent.get("/api/v1/search", params={"q": words}).json()
        assert answer["hits"][0]["code"] == code, answer
    hit = answer["hits"][0]
    assert hit["revision"] == 1
    assert hit["summary"]["text"].startswith("请您先检查")
