"""The categories of a profit and loss's accounts outlive a restart in every store."""

from eqho.inputs.account_categories import AccountCategories
from tests.store.conftest import Opener


def test_what_was_chosen_is_known_after_a_restart_and_by_its_owner_alone(opener: Opener) -> None:
    AccountCategories(opener(), "acct_1").remember(
        {"Expenses › Marketing › Google $Ads.": "Paid ads", "Expenses › Rent": ""}
    )
    again = AccountCategories(opener(), "acct_1")
    assert again.known() == {"expenses › marketing › google $ads.": "Paid ads", "expenses › rent": ""}
    assert AccountCategories(opener(), "acct_2").known() == {}


def test_another_file_adds_its_accounts_and_changes_its_own(opener: Opener) -> None:
    first, second = (AccountCategories(opener(), "acct_1") for _ in range(2))
    first.remember({"Ads": "Paid ads", "Fairs": "Trade shows"})
    second.remember({"ads": "Online", "Rent": ""})
    assert first.known() == {"fairs": "Trade shows", "ads": "Online", "rent": ""}
