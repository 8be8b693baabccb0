"""Every installed package may be used together with Apache 2.0."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions

PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|0BSD|PSF|Python Software Foundation|Unlicense|CC0|Zlib|HPND|MPL|Mozilla)\b|BSD-",
    re.IGNORECASE,
)
# LGPL asks that the library can be replaced, which an import from PyPI always allows.
LESSER = {"psycopg", "psycopg-binary", "psycopg-pool", "psycopg2-binary"}
# Says only "Dual License": Apache 2.0 or BSD 3-clause, by its LICENSE file.
READ_BY_A_PERSON = {"python-dateutil"}


def licence(distribution: Distribution) -> str:
    """What the package says of its licence, in whichever of the three places it says it."""
    said = distribution.metadata.json
    classifiers = [entry for entry in said.get("classifier", []) if entry.startswith("License")]
    return " ".join([str(said.get("license_expression", "")), str(said.get("license", ""))[:200], *classifiers])


def test_every_package_has_a_licence_that_goes_with_apache_2() -> None:
    doubtful = {
        distribution.name: licence(distribution)
        for distribution in distributions()
        if distribution.name not in LESSER | READ_BY_A_PERSON and not PERMISSIVE.search(licence(distribution))
    }
    assert doubtful == {}
