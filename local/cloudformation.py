"""CloudFormation as far as one machine needs it: the YAML tags, the functions, and the local names of resources.

Names: a resource has its name from the template, except the few whose local name is promised (LOCAL_NAMES).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ACCOUNT_ID = "123456789012"
STACK_NAME = "ecommpay"
LOCAL_NAMES = {
    "AWS::DynamoDB::Table": "ecommpay-payments",
    "AWS::SecretsManager::Secret": "ecommpay-projects",
    "AWS::SNS::Topic": "ecommpay-operators",
    "AWS::Serverless::StateMachine": "ecommpay-refund",
}
NAME_PROPERTIES = {
    "AWS::Serverless::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Events::EventBus": "Name",
}
ARN_FORMS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::Serverless::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
}
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::Serverless::StateMachine"}


# Ten times as fast where PyYAML was built with libyaml.
_QuickLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TemplateError(ValueError):
    """Something in template.yaml that the local system cannot follow; the text names the place."""


class _TagLoader(_QuickLoader):  # type: ignore[misc]  # the one of two classes that this machine has
    """Reads `!Ref X` as {"Ref": "X"} and `!Sub X` as {"Fn::Sub": "X"}, the long forms of the same thing."""


def _read_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_TagLoader.add_multi_constructor("!", _read_tag)


def load_template(path: Path) -> dict[str, Any]:
    """The document with every tag in its long form."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_TagLoader)
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources.")
    return document


def in_kebab(logical_id: str) -> str:
    """`CallbackDeadLetters` as `callback-dead-letters`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", logical_id).lower()


@dataclass(frozen=True, slots=True)
class Resolver:
    """Replaces CloudFormation functions by the values they have on this machine."""

    document: Mapping[str, Any]
    parameters: Mapping[str, str]
    region: str

    def resolve(self, value: Any) -> Any:
        """The value with every function in it replaced; keys whose value is AWS::NoValue are left out."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value if item != {"Ref": "AWS::NoValue"}]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name.removeprefix("Fn::"), argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def name_of(self, logical_id: str) -> str:
        """The local name of a resource."""
        resource = self._resource(logical_id)
        kind = resource["Type"]
        if kind in LOCAL_NAMES:
            return LOCAL_NAMES[kind]
        given = self.resolve(resource.get("Properties", {}).get(NAME_PROPERTIES.get(kind, ""), None))
        return str(given) if given else f"{STACK_NAME}-{in_kebab(logical_id.removesuffix('Function'))}"

    def arn_of(self, logical_id: str) -> str:
        """The local ARN of a resource; a resource of a kind that has none here gets its name."""
        form = ARN_FORMS.get(self._resource(logical_id)["Type"], "{name}")
        return form.format(region=self.region, account=ACCOUNT_ID, name=self.name_of(logical_id))

    def holds(self, condition: Any) -> bool:
        """Whether a condition, by name or written out, is true here."""
        if isinstance(condition, str):
            return self.holds(self.document["Conditions"][condition])
        (name, argument), *_ = condition.items()
        match name.removeprefix("Fn::"):
            case "Condition":
                return self.holds(argument)
            case "Equals":
                return str(self.resolve(argument[0])) == str(self.resolve(argument[1]))
            case "Not":
                return not self.holds(argument[0])
            case "And":
                return all(self.holds(one) for one in argument)
            case "Or":
                return any(self.holds(one) for one in argument)
        raise TemplateError(f"The local system does not know the condition {name}.")

    def _resource(self, logical_id: str) -> Mapping[str, Any]:
        try:
            resource: Mapping[str, Any] = self.document["Resources"][logical_id]
        except KeyError:
            raise TemplateError(f"The template speaks of {logical_id} but does not define it.") from None
        return resource

    def _call(self, name: str, argument: Any) -> Any:
        calls: dict[str, Callable[[], Any]] = {
            "Ref": lambda: self._ref(argument),
            "GetAtt": lambda: self._attribute(*argument),
            "Sub": lambda: self._substitute(argument),
            "If": lambda: self.resolve(argument[1] if self.holds(argument[0]) else argument[2]),
            "Join": lambda: argument[0].join(str(item) for item in self.resolve(argument[1])),
            "Select": lambda: self.resolve(argument[1])[int(self.resolve(argument[0]))],
            "Split": lambda: str(self.resolve(argument[1])).split(argument[0]),
            "FindInMap": lambda: self._find_in_map(*self.resolve(argument)),
        }
        if name not in calls:
            raise TemplateError(f"The local system does not know the function {name}.")
        return calls[name]()

    def _find_in_map(self, table: str, row: str, column: str) -> Any:
        return self.resolve(self.document["Mappings"][table][row][column])

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": ACCOUNT_ID,
            "AWS::StackName": STACK_NAME,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{ACCOUNT_ID}:stack/{STACK_NAME}/local",
            "AWS::NoValue": None,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.document.get("Parameters", {}):
            return self._parameter(name)
        # SAM writes the alias of a function as a resource of its own name.
        logical_id, _, part = name.partition(".")
        if part:
            return self._attribute(logical_id, part)
        kind = self._resource(name)["Type"]
        return self.arn_of(name) if kind in REF_IS_ARN else self.name_of(name)

    def _parameter(self, name: str) -> Any:
        declared = self.document["Parameters"][name]
        value = self.parameters.get(name, declared.get("Default", ""))
        if declared.get("Type") in {"CommaDelimitedList", "List<Number>"}:
            return str(value).split(",")
        return str(value)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        arn = self.arn_of(logical_id)
        match attribute:
            case "Arn" | "TopicArn" | "Id" | "Version":
                return arn
            case "Alias":
                return f"{arn}:live"
            case "StreamArn":
                return f"{arn}/stream/local"
        return self.name_of(logical_id)

    def _substitute(self, argument: Any) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})

        def value_of(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in extra:
                return str(self.resolve(extra[name]))
            if "." in name:
                return str(self._attribute(*name.split(".", 1)))
            return str(self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", value_of, text)
