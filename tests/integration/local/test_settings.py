"""What `make run` can be told, and what it says when it is told something impossible."""

import json
from pathlib import Path

import pytest

from local.ecommpay import DEMO_PROJECTS, read_projects
from local.settings import PROJECT_FOLDER, LocalSettings, SettingsError, read_settings


def test_nothing_given_means_the_documented_defaults() -> None:
    settings = read_settings({})

    assert settings == LocalSettings()
    assert (settings.port, settings.platform_port, settings.aws_port) == (3000, 3001, 3002)
    assert (settings.refund_callback_timeout_s, settings.status_poll_delay_s, settings.status_poll_attempts) == (
        10,
        2,
        3,
    )
    assert (settings.region, settings.return_url_hosts, settings.public_url) == ("eu-west-1", "", None)
    assert {key: value["secret_keys"] for key, value in settings.projects.items()} == {
        "2924": ["local-secret-2924"],
        "198": ["local-secret-198"],
    }


def test_the_platform_and_the_functions_have_the_same_demo_projects() -> None:
    assert read_projects(json.dumps(dict(LocalSettings().projects))) == DEMO_PROJECTS


def test_everything_can_be_given() -> None:
    settings = read_settings(
        {
            "PORT": "4000",
            "PLATFORM_PORT": "0",
            "AWS_PORT": " 4002 ",
            "ECOMMPAY_GATE_URL": "https://api.ecommpay.com/",
            "ECOMMPAY_PAYMENT_PAGE_URL": "https://paymentpage.ecommpay.com",
            "ECOMMPAY_DATA_API_URL": "https://data.ecommpay.com",
            "ECOMMPAY_PROJECTS": '{"7": {"secret_keys": ["a", "b"]}}',
            "PUBLIC_URL": "https://tunnel.example.com",
            "REFUND_CALLBACK_TIMEOUT_S": "20",
            "STATUS_POLL_DELAY_S": "5",
            "STATUS_POLL_ATTEMPTS": "1",
            "RETURN_URL_HOSTS": "shop.example.com",
            "ECOMMPAY_WIDGET_URL": "https://widget.ecommpay.com/",
            "MERCHANT_NAME": "Highland Coffee",
            "MERCHANT_LOGO_URL": "https://shop.example.com/logo.svg",
            "MERCHANT_ACCENT_COLOUR": "#1f5fae",
            "REFUND_REFERENCE": "send",
            "AWS_REGION": "us-gov-west-1",
            "DYNAMODB_ENDPOINT": "http://127.0.0.1:8000/",
            "SCHEDULE_MINUTE_S": "60",
            "UNRELATED": "x",
        }
    )

    assert settings == LocalSettings(
        run_folder=PROJECT_FOLDER / ".run" / "port-4000",
        port=4000,
        platform_port=0,
        aws_port=4002,
        gate_url="https://api.ecommpay.com",
        payment_page_url="https://paymentpage.ecommpay.com",
        data_api_url="https://data.ecommpay.com",
        dynamodb_endpoint="http://127.0.0.1:8000",
        projects={"7": {"secret_keys": ["a", "b"]}},
        public_url="https://tunnel.example.com",
        refund_callback_timeout_s=20,
        status_poll_delay_s=5,
        status_poll_attempts=1,
        return_url_hosts="shop.example.com",
        widget_url="https://widget.ecommpay.com",
        merchant_name="Highland Coffee",
        merchant_logo_url="https://shop.example.com/logo.svg",
        merchant_accent_colour="#1f5fae",
        refund_reference="send",
        region="us-gov-west-1",
        schedule_minute_s=60.0,
    )


def test_a_stand_in_for_gate_on_this_machine_serves_the_other_services_too() -> None:
    settings = read_settings({"ECOMMPAY_GATE_URL": "http://localhost:9000"})

    assert settings.payment_page_url == settings.data_api_url == "http://localhost:9000"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "http", "PORT must be a port number between 0 and 65535 (0 takes a free one), not 'http'."),
        ("PORT", "65536", "PORT must be a port number between 0 and 65535 (0 takes a free one), not '65536'."),
        ("PORT", "-1", "PORT must be a port number between 0 and 65535 (0 takes a free one), not '-1'."),
        ("PORT", "3001", "PORT, PLATFORM_PORT and AWS_PORT must be three different ports."),
        ("AWS_REGION", "Ireland", "AWS_REGION must be an AWS region such as eu-west-1, not 'Ireland'."),
        ("REFUND_REFERENCE", "yes", "REFUND_REFERENCE must be omit or send, not 'yes'."),
        ("REPORT_TIME_ZONE", "Mars", "REPORT_TIME_ZONE must be a time zone such as Africa/Nairobi, not 'Mars'."),
        ("REPORT_LANGUAGE", "de", "REPORT_LANGUAGE must be en or ru or sw or zh or ms, not 'de'."),
        ("STATUS_POLL_ATTEMPTS", "0", "STATUS_POLL_ATTEMPTS must be a whole number of at least 1, not '0'."),
        ("STATUS_POLL_DELAY_S", "2.5", "STATUS_POLL_DELAY_S must be a whole number of at least 1, not '2.5'."),
        (
            "PUBLIC_URL",
            "http://shop.example.com",
            "PUBLIC_URL must use https: plain http: is allowed for this machine only, not for 'http://shop.example.com'.",
        ),
        (
            "ECOMMPAY_GATE_URL",
            "api.ecommpay.com",
            "ECOMMPAY_GATE_URL must be a plain address such as https://api.ecommpay.com, not 'api.ecommpay.com'.",
        ),
        (
            "ECOMMPAY_GATE_URL",
            "https://api.ecommpay.com",
            "ECOMMPAY_PAYMENT_PAGE_URL must be given too when ECOMMPAY_GATE_URL names a real platform.",
        ),
        *(
            (
                "DYNAMODB_ENDPOINT",
                elsewhere,
                f"DYNAMODB_ENDPOINT must be an engine on this machine, http://127.0.0.1:8000, not {elsewhere!r}.",
            )
            for elsewhere in (
                "https://dynamodb.eu-west-1.amazonaws.com",
                "https://127.0.0.1:8000",
                "http://localhost/a",
            )
        ),
        (
            "DYNAMODB_ENDPOINT",
            "http://192.0.2.1",
            "DYNAMODB_ENDPOINT must use https: plain http: is allowed for this machine only, not for 'http://192.0.2.1'.",
        ),
        ("ECOMMPAY_PROJECTS", "[]", "ECOMMPAY_PROJECTS must be a JSON object with at least one project id as key."),
        (
            "ECOMMPAY_PROJECTS",
            '{"2924": {"secret_key": "k"}}',
            "ECOMMPAY_PROJECTS, project '2924': secret_keys must be a list of at least one non-empty text.",
        ),
        (
            "ECOMMPAY_PROJECTS",
            '{"shop": {"secret_keys": ["k"]}}',
            "ECOMMPAY_PROJECTS, project 'shop': a project id is a whole number written as text.",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: value})

    assert str(refused.value) == sentence


def test_broken_json_is_refused_without_showing_a_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"ECOMMPAY_PROJECTS": '{"2924": {"secret_keys": ["hidden"]}'})

    assert str(refused.value).startswith("ECOMMPAY_PROJECTS is not JSON: ")
    assert "hidden" not in str(refused.value)


def test_all_folders_are_absolute_so_that_the_working_folder_does_not_matter() -> None:
    assert LocalSettings().template.is_absolute()
    assert LocalSettings().run_folder == Path(LocalSettings().template.parent / ".run")
