"""What a run of a page has put on the screen."""

import json

from streamlit.testing.v1 import AppTest


def metrics(app: AppTest, label: str) -> list[str]:
    return [metric.value.replace("\\", "") for metric in app.metric if metric.label == label]


def charts(app: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def text(app: AppTest) -> str:
    shown = [
        *app.markdown,
        *app.caption,
        *app.title,
        *app.header,
        *app.subheader,
        *app.warning,
        *app.error,
        *app.info,
    ]
    said = "\n".join(element.value for element in shown)
    return said.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
