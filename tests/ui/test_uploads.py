"""A dropped file: read, or refused in its sentence."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from eqho.errors import BadArgument
    from eqho.ui.uploads import uploaded

    def read(name: str, data: bytes) -> int:
        if data == b"bad":
            raise BadArgument("This is no file of that kind.")
        return len(data)

    found = uploaded("Drop", ("csv",), "f", read)
    st.write("none" if found is None else f"{found.name} {found.read}")


def test_a_file_is_read_or_refused_in_a_sentence() -> None:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert app.markdown[0].value == "none"
    app.file_uploader(key="f").set_value(("a.csv", b"12345", "text/csv")).run()
    assert (app.markdown[0].value, len(app.error)) == ("a.csv 5", 0)
    app.file_uploader(key="f").set_value(("a.csv", b"bad", "text/csv")).run()
    assert app.markdown[0].value == "none"
    assert [one.value.replace("\\", "") for one in app.error] == ["This is no file of that kind."]
