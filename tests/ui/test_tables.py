"""Cells of tables: Streamlit cuts off the decimals that a column does not show."""

import json

from streamlit.testing.v1 import AppTest

from eqho.ui import format as fmt


def _page() -> None:
    from eqho.ui.tables import Column, table

    table(
        [{"rate": 0.33338, "share": 0.12996, "months": 4.68, "ratio": 6.194, "count": 12}],
        [
            Column("rate", "Churn", "rate"),
            Column("share", "Share", "share"),
            Column("months", "Payback", "months"),
            Column("ratio", "LTV / CAC", "ratio"),
            Column("count", "Customers", "count"),
        ],
        key="units",
        empty="",
    )


def test_a_cell_is_rounded_as_a_card_is_and_not_cut_off() -> None:
    (drawn,) = AppTest.from_function(_page).run().dataframe
    assert drawn.value.iloc[0].to_dict() == {
        "rate": 0.3334, "share": 0.13, "months": 4.7, "ratio": 6.2, "count": 12,
    }  # fmt: skip
    assert [fmt.months(4.68), fmt.ratio(6.194)] == ["4.7 months", "6.2×"]


def test_every_row_of_a_column_shows_as_many_decimals() -> None:
    (drawn,) = AppTest.from_function(_page).run().dataframe
    columns = json.loads(drawn.proto.columns)
    steps = {name: columns[name]["type_config"]["step"] for name in drawn.value.columns}
    assert steps == {"rate": 0.0001, "share": 0.0001, "months": 0.1, "ratio": 0.1, "count": 1.0}
    assert [columns[name]["label"] for name in ("months", "ratio")] == ["Payback, months", "LTV / CAC (×)"]
