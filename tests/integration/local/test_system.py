"""The system as a whole: starts twice in a row, leaves nothing behind, listens on loopback only, shows what goes out."""

import json
import sys
from pathlib import Path

import pytest
import requests

from local.cloudformation import TemplateError
from local.environment import shared_variables
from local.settings import LocalSettings
from local.system import AlreadyRunning, LocalSystem
from local.template import Function
from tests.support.local_system import received_messages

LISTENING = "0A"


def test_events_and_news_for_operators_can_be_read_from_queues(system: LocalSystem) -> None:
    event = {"Source": "ecommpay.checkout", "DetailType": "PaymentSucceeded", "Detail": '{"data": 1}'}
    system.connect("events").put_events(Entries=[event, {**event, "Source": "somebody.else"}])
    topic = system.connect("sns").list_topics()["Topics"][0]["TopicArn"]
    system.connect("sns").publish(TopicArn=topic, Subject="Refund", Message="Please ask support.")

    received = [json.loads(body) for body in received_messages(system, "ecommpay-events", 1)]
    assert [(one["source"], one["detail-type"], one["detail"]) for one in received] == [
        ("ecommpay.checkout", "PaymentSucceeded", {"data": 1})
    ]
    news = json.loads(received_messages(system, "ecommpay-operators-inbox", 1)[0])
    assert (news["Subject"], news["Message"]) == ("Refund", "Please ask support.")


def test_the_secret_holds_the_projects_document(system: LocalSystem) -> None:
    answer = system.connect("secretsmanager").get_secret_value(SecretId="ecommpay-projects")

    assert json.loads(answer["SecretString"]) == dict(system.settings.projects)


def test_the_table_has_the_indexes_and_the_stream_of_the_template(system: LocalSystem) -> None:
    table = system.connect("dynamodb").describe_table(TableName="ecommpay-payments")["Table"]

    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_colour"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_a_second_system_in_the_process_is_refused(system: LocalSystem) -> None:
    with pytest.raises(AlreadyRunning, match="stop it before another one starts"):
        LocalSystem(system.settings).start()
    assert requests.get(f"{system.url}/things", timeout=5).status_code == 200


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_everything_listens_on_loopback_only(system: LocalSystem) -> None:
    assert system.platform_url is not None
    ports = {int(url.rsplit(":", 1)[1]) for url in (system.url, system.aws_url, system.platform_url)}

    addresses: dict[int, set[str]] = {}
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, _, state, *_rest = line.split()
            host, port = local.split(":")
            if state == LISTENING and int(port, 16) in ports:
                addresses.setdefault(int(port, 16), set()).add(host)
    assert addresses == {port: {"0100007F"} for port in ports}


def test_two_values_for_one_variable_are_refused() -> None:
    functions = [
        Function(name, name, name, Path(), "app.handler", 3, 128, {"LIMIT": value, "PUBLIC_URL": value})
        for name, value in (("A", "1"), ("B", "2"))
    ]

    with pytest.raises(TemplateError, match="LIMIT has two values in the template"):
        shared_variables(functions, LocalSettings(), {"PUBLIC_URL": "http://127.0.0.1:1"})
    known = shared_variables(functions, LocalSettings(function_variables={"LIMIT": "3"}), {"PUBLIC_URL": "x"})
    assert (known["LIMIT"], known["PUBLIC_URL"]) == ("3", "x")
