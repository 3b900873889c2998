"""Threat types in Threat Dragon's languages, and its names for shapes."""

import pytest

from app.domain import vocabulary as v
from app.exchange.threat_dragon_words import TD_TYPES, framework_of, shape_of, threat_type_of

SPOKEN = [
    ("STRIDE", "Veröffentlichung von Informationen", "Information disclosure"),
    ("STRIDE", "information DISCLOSURE", "Information disclosure"),
    ("STRIDE", "Falsification", "Tampering"),
    ("STRIDE", "Tampering / Manipulación", "Tampering"),
    ("STRIDE", "Αναβάθμιση προνομίων (Elevation of Priviledge)", "Elevation of privilege"),
    ("STRIDE", "Spoofing التزييف", "Spoofing"),
    ("STRIDE", "拒绝服务", "Denial of service"),
    ("STRIDE", "なりすまし", "Spoofing"),
    ("STRIDE", "повышение привилегий", "Elevation of privilege"),
    ("STRIDE", "सेवा से इनकार", "Denial of service"),
    ("CIA", "Integrity - Integridad", "Integrity"),
    ("LINDDUN", "Linkability", "Linking"),
    ("LINDDUN", "Disclosure of information", "Data disclosure"),
    ("LINDDUN", "Information disclosure", "Data disclosure"),
    ("LINDDUN", "Unawareness", "Unawareness and unintervenability"),
    ("PLOT4ai", "Unawareness", "Unawareness"),
    ("PLOT4ai", "Technique & Processes", "Technique & processes"),
    ("CIADIE", "Ephemeral", "Ephemeral"),
    ("Generic", "Tampering", "Tampering"),
    ("", "Verfügbarkeit", "Availability"),
    ("STRIDE", "Bit rot", ""),
    ("STRIDE", " / ", ""),
    ("STRIDE", "", ""),
]


@pytest.mark.parametrize(("framework", "text", "name"), SPOKEN)
def test_threat_types(framework: str, text: str, name: str) -> None:
    assert threat_type_of(text, framework) == name


@pytest.mark.parametrize("framework", v.FRAMEWORKS)
def test_every_name_and_its_old_name_lead_back(framework: str) -> None:
    for name in v.THREAT_TYPES[framework]:
        assert threat_type_of(name, framework) == name
        assert threat_type_of(TD_TYPES.get(framework, {}).get(name, name), framework) == name


def test_shapes_and_frameworks() -> None:
    assert shape_of("trust-broundary-curve") == ("trust_boundary", "curve")
    assert shape_of("tm.BoundaryBox") == ("trust_boundary", "box")
    assert shape_of("td-text-block") == ("text", "")
    assert shape_of("tm.Process") == ("process", "")
    assert shape_of("edge") is None
    assert shape_of(3) is None
    assert [framework_of(n) for n in ("stride", "PLOT4AI", "Generic")] == ["STRIDE", "PLOT4ai", "Generic"]
