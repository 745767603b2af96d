"""Settings: what they are when nothing is said, and what makes no sense."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from payments import wiring
from payments.settings import SettingsError, read_settings


def test_without_a_word_no_refund_is_named_to_gate_and_operators_are_reminded_every_three_days() -> None:
    settings = read_settings({})

    assert (settings.refund_reference, settings.support_reminder) == ("omit", timedelta(days=3))


def test_a_refund_is_named_to_gate_where_that_is_switched_on() -> None:
    assert read_settings({"REFUND_REFERENCE": "send"}).refund_reference == "send"
    assert read_settings({"REFUND_REFERENCE": "omit"}).refund_reference == "omit"
    with pytest.raises(SettingsError, match="REFUND_REFERENCE is omit or send, and is 'yes'"):
        read_settings({"REFUND_REFERENCE": "yes"})


def test_reports_are_in_a_language_we_speak_and_by_a_clock_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (read_settings({}).report_language, read_settings({}).report_time_zone) == ("en", "UTC")
    assert read_settings({"REPORT_LANGUAGE": "sw"}).report_language == "sw"
    with pytest.raises(SettingsError, match="REPORT_LANGUAGE is one of en, ru, sw, zh, ms, and is 'de'"):
        read_settings({"REPORT_LANGUAGE": "de"})

    for name in ("Africa/Nairobi", "Mars/Olympus", "../etc/passwd"):
        monkeypatch.setattr(wiring, "settings", lambda name=name: read_settings({"REPORT_TIME_ZONE": name}))
        if name == "Africa/Nairobi":
            assert str(wiring.time_zone()) == name
        else:
            with pytest.raises(SettingsError, match=f"REPORT_TIME_ZONE is no time zone: {name!r}"):
                wiring.time_zone()


def test_reminders_come_as_often_as_is_set() -> None:
    assert read_settings({"SUPPORT_REMINDER_S": "86400"}).support_reminder == timedelta(days=1)
    with pytest.raises(SettingsError, match="SUPPORT_REMINDER_S has to be a whole number from 1 on, and is '3 days'"):
        read_settings({"SUPPORT_REMINDER_S": "3 days"})


def test_callbacks_may_come_from_anywhere_unless_networks_are_listed() -> None:
    assert read_settings({}).callback_sources == ()
    assert read_settings({"CALLBACK_SOURCES": "192.0.2.0/24, 2001:db8::/32"}).callback_sources == (
        ip_network("192.0.2.0/24"),
        ip_network("2001:db8::/32"),
    )
    with pytest.raises(SettingsError, match="and has 'ten'"):
        read_settings({"CALLBACK_SOURCES": "192.0.2.1/32,ten"})


def test_the_interval_of_the_data_api_has_the_names_it_is_given() -> None:
    assert read_settings({}).data_api_interval_keys == ("start", "end")
    assert read_settings({"DATA_API_INTERVAL_KEYS": "from,to"}).data_api_interval_keys == ("from", "to")


@pytest.mark.parametrize("text", ["start", "start,", ",end", "a,a", "a,b,c"])
def test_an_interval_without_two_names_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="DATA_API_INTERVAL_KEYS has to be two names with a comma between"):
        read_settings({"DATA_API_INTERVAL_KEYS": text})
