"""Text as it is compared: full-width letters, traditional characters made plain; names of units."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Literal, get_args

from offing.terms.files import shipped_rows


def normal(text: str) -> str:
    """Text with full-width letters, digits and signs made plain, without blanks around it.

    >>> normal("　ＦＯＢ（１２）")
    'FOB(12)'
    """
    return unicodedata.normalize("NFKC", text).strip()


_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans("øØłŁđĐ", "oOlLdD")


def strip_accents(text: str) -> str:
    """Plain text without accents, as banks write names.

    >>> strip_accents("Kläder Søn"), strip_accents("ﾄﾖﾀ")
    ('Klader Son', 'トヨタ')
    """
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", normal(text))).translate(_LETTERS)


TRADITIONAL = (
    "國韓蘭臺灣亞羅緬馬來爾買賣維納烏蘇萊聯愛約內剛達幾諾紐麗貝門瑪贊寧圖魯義島聖頓領"
    "倫盧薩屬區會歐鮮陽陸離際險電預額類餘體麥黃數單價幣別號總稅關編碼產戶稱運計註備發"
    "貨術語條貿購銷開進轉結終統帳賬費資質還銀錄長間態應據無時機標濟為狀當監種簡簽級細"
    "組經線裝規視訂記證說識邊劃勞匯啟喬員項東業個兩實對從點親辦億萬賓蓋紅衛澤岡贈輸櫃"
    "隻雙張噸廠車彙幫傳兒園壓壽夾奧屆帶廣彌慶憲拋揚敘斷曆樓歲氣決沖溫漢熱獨環畢盡碩礦"
    "紀紙緊縣織繼續羣職膠臨舊艙莊華蓮藍補製褲見覽訊託設許評詢該認誤請調論讓豐責貫貸賀"
    "賴贏軍輛較載輪農遞適選遲郵鄰醫鋁鋼錢鐵鑄閥陳雜難靜響順頁頭題飛飲飾驗魚鳥鹽龍訖"
)
"""Traditional characters of headings, units and names of countries, ..."""
SIMPLIFIED = (
    "国韩兰台湾亚罗缅马来尔买卖维纳乌苏莱联爱约内刚达几诺纽丽贝门玛赞宁图鲁义岛圣顿领"
    "伦卢萨属区会欧鲜阳陆离际险电预额类余体麦黄数单价币别号总税关编码产户称运计注备发"
    "货术语条贸购销开进转结终统账账费资质还银录长间态应据无时机标济为状当监种简签级细"
    "组经线装规视订记证说识边划劳汇启乔员项东业个两实对从点亲办亿万宾盖红卫泽冈赠输柜"
    "只双张吨厂车汇帮传儿园压寿夹奥届带广弥庆宪抛扬叙断历楼岁气决冲温汉热独环毕尽硕矿"
    "纪纸紧县织继续群职胶临旧舱庄华莲蓝补制裤见览讯托设许评询该认误请调论让丰责贯贷贺"
    "赖赢军辆较载轮农递适选迟邮邻医铝钢钱铁铸阀陈杂难静响顺页头题飞饮饰验鱼鸟盐龙讫"
)
"""... and the simplified one of each."""
_SIMPLER = str.maketrans(TRADITIONAL, SIMPLIFIED)


def simplify(text: str) -> str:
    """Text with the traditional characters of headings and countries as simplified ones.

    >>> simplify("出貨日期 數量 美國")
    '出货日期 数量 美国'
    """
    return text.translate(_SIMPLER)


Unit = Literal["item", "kg"]
"""The two units in which a price is compared. They are never mixed."""


@cache
def units() -> dict[str, tuple[str, Decimal]]:
    """Name of a unit → ours (``item``, ``kg`` or ``pair``), and how many of ours it has."""
    rows = shipped_rows("offing.terms", "data/units.csv")
    return {row["name"]: (row["unit"], Decimal(row["times"])) for row in rows}


def unit_of(name: str | None) -> Unit | None:
    """Our unit for a data set's name of one, or ``None`` where it is neither items nor kilograms.

    >>> unit_of("Number of items"), unit_of("KG"), unit_of("m²")
    ('item', 'kg', None)
    """
    unit, times = units().get((name or "").strip().lower(), ("", 0))
    return next((kind for kind in get_args(Unit) if kind == unit and times == 1), None)


def firm_key(name: str) -> str:
    """Letters and digits of a firm's name: brackets, spaces and capitals tell no two firms apart.

    >>> firm_key("海川（青岛） 电器") == firm_key("海川(青岛)电器")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()
