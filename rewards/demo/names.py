"""Names of people who do not exist: surnames as often as one meets them, given names of their generation."""

from __future__ import annotations

from random import Random

# Per ten thousand people, roughly; a street of newcomers has every surname, and more 陈, 黄 and 林 than the north.
_OFTEN = """
陈 980 李 860 黄 760 王 620 张 600 刘 560 林 520 吴 380 梁 300 杨 280 罗 260 周 250 郑 220 何 220 谢 210 曾 200 邓 190 叶 180 朱 170
徐 160 胡 160 钟 150 彭 150 赵 150 蔡 140 赖 130 郭 130 曹 110 蒋 110 冯 110 孙 110 许 110 廖 110 邱 100 温 90 唐 90 肖 90 高 90
马 80 余 80 江 80 沈 70 吕 70 苏 70 潘 70 卢 70 严 60 袁 60 董 60 程 60 田 60 范 60 方 60 韩 50 汪 50 魏 50 薛 50 丘 50 巫 40 古 40
丁 40 任 40 姚 40 谭 40 邹 40 熊 40 孟 30 秦 30 白 30 阎 20 段 20 侯 20 龙 30 陶 20 贺 20 顾 20 毛 20 郝 20 龚 20 邵 20 万 20
覃 20 莫 20 欧阳 15 司徒 8 上官 3
"""
_SURNAMES = _OFTEN.split()[::2]
_WEIGHTS = [int(weight) for weight in _OFTEN.split()[1::2]]

# A line for each generation: born before 1965, to 1979, to 1994, and after.
_UNTIL = (1965, 1980, 1995, 9999)
_WOMEN = """
桂芳 秀英 玉兰 淑珍 凤英 桂兰 秀兰 玉珍 素梅 月娥 惠芳 翠英 美珍 金凤 春兰 瑞珍 丽华 佩兰 彩云 秋菊 爱华 志芳 玉英 银娣 群英
丽娟 海燕 红梅 艳萍 小红 春燕 丽萍 晓燕 雪梅 玉玲 美玲 秋霞 慧敏 建英 少芬 伟芳 燕芬 小玲 冬梅 素琴 月明 彩霞 惠珍 志红 婉贞
婷婷 静 晓敏 倩 佳 雅琴 思敏 嘉欣 丹 玲玲 佩珊 洁 婉婷 晓彤 敏仪 文静 慧 莉莉 梦 燕 淑仪 小曼 楚君 颖 雪莹 绮雯 秋月
欣怡 子涵 雨桐 诗涵 梓萱 思琪 佳怡 可欣 语嫣 若曦 嘉怡 芷晴 心悦 一诺 雨欣 紫琪 晓雨 梓彤 静怡 乐瑶
"""
_MEN = """
建国 国强 德明 志强 永福 福生 伯年 光明 家声 德胜 国华 振华 新民 水生 金生 文彬 耀祖 卫东 春生 炳坤 锦荣 树根 桂生 庆祥 志雄
建华 志伟 伟强 海涛 国栋 志明 文辉 少华 建平 永强 伟明 俊雄 晓东 春林 荣昌 锦辉 立新 学军 向阳 汉文 伟健 启明 振宇 国良 展鹏
伟 磊 俊杰 志豪 浩 家明 嘉俊 文杰 晓峰 子健 伟杰 鹏 凯 斌 明辉 宇航 启航 冠华 泽宇 世杰 智勇 景行 展翔 楚生 健 远航
浩然 子轩 宇轩 梓豪 俊熙 一鸣 博文 天佑 嘉乐 思源 睿 子墨 铭轩 乐天 家睿 皓轩 承泽 梓睿 知行 子谦
"""
_GIVEN = [[line.split() for line in text.strip().splitlines()] for text in (_WOMEN, _MEN)]


def person(rng: Random, born: int) -> str:
    """Return the name of somebody born in that year."""
    generation = next(place for place, year in enumerate(_UNTIL) if born < year)
    given = rng.choice(_GIVEN[rng.random() > 0.58][generation])
    return rng.choices(_SURNAMES, weights=_WEIGHTS)[0] + given
