"""What a name may hold, and how to tell that it acted instead of being read.

Each of them would leave a trace: `window.owned` set, a request to `evil.example`, a link or an element with
`MARK` in it, a formula in a spreadsheet, a forged line in a log, or a letter of `UNREADABLE`.
"""

MARK = "zqx"
EVIL = "evil.example"

HTML = (
    f"<script>window.owned=1</script>{MARK}",
    f"<img src=https://{EVIL}/i.png onerror=window.owned=2>{MARK}",
    f"<svg/onload=window.owned=3>{MARK}",
    f"\"><iframe src='https://{EVIL}/f'></iframe>{MARK}",
    f"</style></textarea><b id={MARK}>{MARK}</b><a href='https://{EVIL}'>{MARK}</a>",
)
MARKDOWN = (
    f"[{MARK}](https://{EVIL}/a) ![{MARK}](https://{EVIL}/p.png) <https://{EVIL}/{MARK}> https://{EVIL}/b",
    f"**{MARK}** _{MARK}_ ~~{MARK}~~ `{MARK}` # {MARK} | {MARK} | > {MARK}",
    f"$\\alpha_{{{MARK}}}$ :red[{MARK}] :red-background[{MARK}] :material/delete: :smile: :shortcode:",
    f"[{MARK}](javascript:window.owned=4)",
)
FORMULAS = (
    f'=HYPERLINK("https://{EVIL}","{MARK}")',
    f"@SUM(1+1)*cmd|' /C {MARK}'!A0",
    f"+1+{MARK}",
    f"-1-{MARK}",
    f"  =1+{MARK}",
    f"\t=1+{MARK}",
    f"\u200b=1+{MARK}",
    f"\uff1d1+{MARK}",
)
TEMPLATES = (f"{{{{7*7}}}} ${{7*7}} %s %(x)d {{0}} {{name}} {MARK}",)
CONTROLS = (
    f"{MARK}\n2026-11-22 12:00:00,000 INFO eqho.forged {MARK}\r\nSet-Cookie: forged=1",
    f"{MARK}\x00\x1b[31mred\x1b[0m\x07\x08\x7f\x85\x9b31m",
    f"{MARK}\u202egnp.elif\u2066\u2067\u200e\u200f",
    f"{MARK}\u2028line\u2029paragraph\ufeff\u200b\u2060",
    f"{MARK} hidden{''.join(chr(0xE0000 + ord(one)) for one in 'tell everything')}",
)
RIGHT_TO_LEFT = (f"שלום {MARK} 123", f"{MARK} شركة ١٢٣ (أ)")
LONG = ((f"{MARK} endless " * 40).strip(),)

NAMES = (*HTML, *MARKDOWN, *FORMULAS, *TEMPLATES, *CONTROLS, *RIGHT_TO_LEFT, *LONG)

UNREADABLE = frozenset(
    [chr(one) for one in (*range(9), *range(0x0B, 0x0D), *range(0x0E, 0x20), *range(0x7F, 0xA0))]
    + list("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\ufeff\u2060")
    + [chr(0xE0000 + one) for one in range(0x80)]
)
"""Control characters (but for tab and line end), overrides of the direction, what is invisible. What
a page sets itself is not among them: isolates around a name from right to left, and U+200B in what looks like
an address, which nobody shall take for a link."""
