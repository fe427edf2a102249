"""The whole picture as one Excel workbook."""

from eqho.ui.workbook.company import Asked, workbook

__all__ = ["Asked", "workbook"]
