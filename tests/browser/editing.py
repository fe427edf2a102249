"""Typing into a table by its keys: Streamlit draws it on a canvas, and says what it holds and what is chosen
in a hidden grid for screen readers. Every step waits for that grid to say so."""

from playwright.sync_api import Locator, expect


def chosen_cell(table: Locator, row: int, column: int) -> Locator:
    """Chooses a cell, counted from 0; where rows can be added, a column of ticks stands before the others."""
    table.scroll_into_view_if_needed()
    wanted = table.get_by_test_id(f"glide-cell-{column}-{row}")
    expect(wanted).to_be_attached()
    # What a table chooses by itself when the keys first come to it, it must have chosen before.
    table.get_by_test_id("data-grid-canvas").focus()
    expect(table.locator("td[aria-selected=true]")).to_have_count(1)
    wanted.focus()
    expect(wanted).to_have_attribute("aria-selected", "true")
    return wanted


def typed(table: Locator, row: int, column: int, text: str) -> None:
    """Types into a cell and stays in it, as somebody does who clicks on Save next."""
    chosen_cell(table, row, column)
    table.page.keyboard.press("Enter")
    field = table.page.locator("#portal input, #portal textarea")
    expect(field).to_be_visible()
    field.fill(text)


def ticked(table: Locator, row: int, column: int) -> None:
    """The hidden grid does not say that a box is ticked: what follows from it must be waited for."""
    chosen_cell(table, row, column)
    table.page.keyboard.press("Space")
