"""One `millrace up` serves a home, and a second one is told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.foundation.errors import Refused
from serving.commands.running import only_one


def test_a_second_up_in_the_same_home_is_refused_and_not_after_the_first_ended(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Refused, match="another 'millrace up' serves"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
