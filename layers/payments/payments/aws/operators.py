"""The topic through which the people who run this installation are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments.aws.failures import unavailable_when_failing

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_LONGEST_SUBJECT = 100
_LONGEST_TEXT_BYTES = 256 * 1024


class OperatorsTopic:
    """`payments.ports.Operators` on one SNS topic."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def notify(self, *, subject: str, text: str) -> None:
        """Tell them; raises `StoreUnavailable` when the message was not taken."""
        with unavailable_when_failing("Publish"):
            self._client.publish(TopicArn=self._topic_arn, Subject=_subject(subject), Message=_text(text))


def _subject(subject: str) -> str:
    """The subject as SNS takes it: one line of at most 100 printable ASCII characters, no blank at its ends."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in " ".join(subject.split()))
    return printable[:_LONGEST_SUBJECT].rstrip()


def _text(text: str) -> str:
    """The text as SNS takes it: Unicode, at most 256 KiB."""
    return text.encode("utf-8", "replace")[:_LONGEST_TEXT_BYTES].decode("utf-8", "ignore")
