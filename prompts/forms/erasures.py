"""Confirming an erasure."""

from __future__ import annotations

from typing import Any

from django import forms


class EraseForm(forms.Form):
    """The name typed once more, so that nobody is erased by a slip."""

    name = forms.CharField(
        max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["name"].label = f"Type “{expected}” to confirm"

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name.strip().casefold() != self.expected.strip().casefold():
            raise forms.ValidationError("That is another name.", code="other")
        return name
